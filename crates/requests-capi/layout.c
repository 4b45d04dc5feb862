/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The sizes of the structures that callers allocate. src/sys/c/types.rs asserts the same sizes. */

#include <requests/requests.h>

#define WORD sizeof(void *)
#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

SIZE(requests_field, 2 * WORD);
SIZE(requests_fields, 2 * WORD);
SIZE(requests_bytes, 2 * WORD);
SIZE(requests_reader, 2 * WORD + 8);
SIZE(requests_part, 8 * WORD + 8);
SIZE(requests_parts, 2 * WORD);
SIZE(requests_retry, 32);
SIZE(requests_pin, 32);
SIZE(requests_tls, 10 * WORD + (WORD == 8 ? 8 : 4));
SIZE(requests_options, WORD == 8 ? 288 : 176);
SIZE(requests_response, 16 + 13 * WORD);
SIZE(requests_header, 4 * WORD);
SIZE(requests_session_options, WORD == 8 ? 240 : 144);
SIZE(requests_sink, 6 * WORD);
SIZE(requests_download, 8 * WORD + 32);
SIZE(requests_downloaded, 16);
SIZE(requests_tls_info, 8 + 2 * WORD);
SIZE(requests_cancel, 32);
SIZE(requests_sha256, 128);
#ifndef CONFIG_REQUESTS
SIZE(requests_session, WORD == 8 ? 3216 : 3048);
SIZE(requests_stream, WORD == 8 ? 4704 : 4536);
SIZE(requests_cookies, 4128);
#endif
SIZE(requests_inflater, 43616);

_Static_assert(sizeof(int) == 4 && sizeof(bool) == 1, "as Rust has it");
_Static_assert(_Alignof(uint64_t) <= 8, "as Rust has it");
