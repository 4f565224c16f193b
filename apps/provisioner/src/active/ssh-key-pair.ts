/** A key pair for machines that are rented. */
import ssh2 from 'ssh2';

/**
 * An ed25519 key as OpenSSH has its files. ssh2 (1.17.0) strips the zero bytes that a public key may begin with (one of 256 does), and what it
 * has written then is a key for nobody, itself included: such a one is thrown away.
 */
export function newSshKeyPair(comment: string): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
