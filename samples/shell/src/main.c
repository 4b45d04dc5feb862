/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The application does nothing: the shell has its own thread. */
int main(void)
{
	return 0;
}
