import ssh2 from 'ssh2';

export interface Keys {
  /** In OpenSSH's format. */
  readonly private: string;
  /** `ssh-ed25519 AAAA…` */
  readonly public: string;
}

/** Makes an ed25519 key pair. */
export function newKeys(): Keys {
  for (;;) {
    const { private: secret, public: open } = ssh2.utils.generateKeyPairSync('ed25519');
    // ssh2 1.17 loses the zero where a public key begins with one: 1 key of 256 cannot be read again.
    if (!(ssh2.utils.parseKey(secret) instanceof Error)) return { private: secret, public: open };
  }
}

/** The public key as the protocol carries it. */
export function wire(keys: Keys): Buffer {
  return Buffer.from(keys.public.split(' ')[1] ?? '', 'base64');
}
