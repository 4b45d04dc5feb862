/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* There is nothing to do but to type: the shell has a thread of its own. */
int main(void)
{
	return 0;
}
