/**
 * `bun without-ipv6.ts COMMAND...`: runs a command on a kernel that has no IPv6, as one started with ipv6.disable=1: to
 * ask for a socket of that family fails (EAFNOSUPPORT). It is a seccomp filter, which needs no root and outlives exec.
 */
import { dlopen, ptr } from 'bun:ffi';

const libc = dlopen('libc.so.6', {
  prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
  execvp: { args: ['ptr', 'ptr'], returns: 'i32' },
}).symbols;

// linux/prctl.h, linux/seccomp.h, linux/filter.h, linux/audit.h
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const FAIL_WITH_EAFNOSUPPORT = 0x00050000 | 97;
const AF_INET6 = 10;
const [ARCHITECTURE, SOCKET] = process.arch === 'arm64' ? [0xc00000b7, 198] : [0xc000003e, 41];

/** One instruction of classic BPF; `otherwise` is how many to pass over when it is not equal. */
const instruction = (code: number, value: number, otherwise = 0) => [
  ...new Uint8Array(new Uint16Array([code]).buffer),
  0,
  otherwise,
  ...new Uint8Array(new Uint32Array([value]).buffer),
];

const filter = new Uint8Array([
  ...instruction(LOAD_WORD, 4),
  ...instruction(JUMP_IF_EQUAL, ARCHITECTURE!, 5),
  ...instruction(LOAD_WORD, 0),
  ...instruction(JUMP_IF_EQUAL, SOCKET!, 3),
  ...instruction(LOAD_WORD, 16),
  ...instruction(JUMP_IF_EQUAL, AF_INET6, 1),
  ...instruction(RETURN, FAIL_WITH_EAFNOSUPPORT),
  ...instruction(RETURN, ALLOW),
]);
const program = new BigUint64Array([BigInt(filter.length / 8), BigInt(ptr(filter))]);
if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new Error('PR_SET_NO_NEW_PRIVS is refused');
if (libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ptr(program), 0, 0) !== 0) {
  throw new Error('PR_SET_SECCOMP is refused');
}

const command = process.argv.slice(2).map((word) => Buffer.from(`${word}\0`));
const words = new BigUint64Array([...command.map((word) => BigInt(ptr(word))), 0n]);
libc.execvp(ptr(command[0]), ptr(words));
throw new Error('the command cannot be run');
