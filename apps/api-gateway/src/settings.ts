/** Environment variables of the gateway besides those of every service. */
import { z } from 'zod';

export const gatewaySettings = {
  SKYFLOW_HTTP_HOST: z.string().default('127.0.0.1').describe('address that HTTP is served on'),
  SKYFLOW_HTTP_PORT: z.coerce.number().int().min(0).max(65535).default(50051).describe('port of HTTP; 0: any free one'),
  SKYFLOW_HTTPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('port of HTTPS beside HTTP; needs SKYFLOW_TLS_CERT_FILE and SKYFLOW_TLS_KEY_FILE'),
  SKYFLOW_TLS_ONLY: z
    .enum(['true', 'false'])
    .default('false')
    .describe('"true": SKYFLOW_HTTP_PORT speaks TLS, and nothing is served without it'),
  SKYFLOW_CLIENT_CA_FILE: z
    .string()
    .optional()
    .describe('authorities of client certificates (PEM): the common name is the user, organisations are groups'),
  SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS: z.coerce
    .number()
    // Services are heard every five seconds.
    .min(10)
    .default(60)
    .describe(
      'how long everybody must have been heard at a higher feature level, and nobody below it, before it is in force',
    ),
  SKYFLOW_OIDC_ISSUER: z
    .string()
    .optional()
    .describe('OpenID issuer whose ID tokens are taken, exactly as they name it'),
  SKYFLOW_OIDC_CLIENT_ID: z.string().optional().describe('client id that its tokens must be made for'),
  SKYFLOW_OIDC_CLIENT_SECRET: z
    .string()
    .optional()
    .describe('secret of that client, for signing in to the console; absent: it is a public client (PKCE alone)'),
  SKYFLOW_OIDC_USER_CLAIM: z.string().optional().describe('claim with the name of the user (default sub)'),
  SKYFLOW_OIDC_GROUPS_CLAIM: z.string().optional().describe('claim with the groups (default groups)'),
  SKYFLOW_OIDC_PREFIX: z.string().optional().describe('put before users and groups of the issuer (default "oidc:")'),
  SKYFLOW_REQUESTS_PER_SECOND: z.coerce
    .number()
    .min(0)
    .default(1000)
    .describe('requests per second of one user, five times as many at once; admins have no limit; 0: nobody has'),
  SKYFLOW_STREAMS_PER_USER: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'watches, followed logs and connections into pods that one user may have open (default 500); admins have no limit',
    ),
  SKYFLOW_STREAMS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('the same of all users together (default 10,000)'),
  SKYFLOW_TLS_CERT_FILE: z.string().optional().describe('certificate of the gateway, with its chain (PEM)'),
  SKYFLOW_TLS_KEY_FILE: z.string().optional().describe('key of that certificate (PEM)'),
  SKYFLOW_TOKEN: z.string().min(1).optional().describe('token of the admin'),
  SKYFLOW_SEALING_KEYS: z
    .string()
    .optional()
    .describe('file with the keys that seal Secrets, 64 hexadecimal digits per line; the first one seals'),
  SKYFLOW_TOKEN_FILE: z.string().optional().describe('file that holds the token of the admin'),
  SKYFLOW_AGENT_NATS_URL: z
    .string()
    .optional()
    .describe('where agents of other machines find nats-server; absent: SKYFLOW_NATS_URL'),
  SKYFLOW_AGENT_RENEW_SECONDS: z.coerce
    .number()
    .min(1)
    .max(7 * 24 * 3600)
    .default(24 * 3600)
    .describe('how often agents renew what they are let in with'),
  SKYFLOW_TOKENS_FILE: z
    .string()
    .optional()
    .describe('file with further tokens, one a line: "<token> <user> [<group>,…]"'),
};
