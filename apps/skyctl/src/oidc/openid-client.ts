/** The protocol itself, by a certified library; in a bundle of its own (build.mjs), as few commands need it. */
export * from 'openid-client';
