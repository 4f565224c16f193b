/** Shells that there are completion scripts for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
