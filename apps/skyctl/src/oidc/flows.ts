/** The two ways to log in at an issuer: a browser here, which comes back to us, or a browser anywhere and a code to enter there. */
import { CliError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import { openBrowser } from './browser.js';
import { type Issuer, type OidcTokens, inWords, tokensOf } from './issuer.js';
import { type Callback, listenForBrowser } from './loopback.js';

export interface FlowOptions {
  scope: string;
  /** For people, on stderr. */
  say: (line: string) => void;
}

export interface BrowserOptions extends FlowOptions {
  /** 0: any free one. */
  port: number;
  /** Program that opens an address; undefined: the person opens it. */
  browser: readonly [string, ...string[]] | undefined;
}

const PERSON_WITHIN_MS = 5 * 60_000;

/** Authorization code with PKCE (RFC 7636) over the loopback. @throws CliError */
export async function browserFlow(issuer: Issuer, options: BrowserOptions): Promise<OidcTokens> {
  const { protocol, config } = issuer;
  const name = config.serverMetadata().issuer;
  const [state, nonce, verifier] = [protocol.randomState(), protocol.randomNonce(), protocol.randomPKCECodeVerifier()];
  const loopback = await listenForBrowser(options.port, state);
  try {
    const address = protocol.buildAuthorizationUrl(config, {
      redirect_uri: loopback.redirectUri,
      scope: options.scope,
      state,
      nonce,
      code_challenge: await protocol.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      // A refresh token is given only to who was asked for it (OpenID Connect Core, 11).
      ...(options.scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
    }).href;
    const opened = options.browser !== undefined && (await openBrowser(address, options.browser));
    options.say(opened ? `Log in in the browser; if none opened: ${address}` : `Log in with a browser at: ${address}`);
    const callback = await withinTime(loopback.callback);
    return await exchanged(callback, () =>
      inWords(name, async () => {
        const checks = {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        };
        return tokensOf(await protocol.authorizationCodeGrant(config, callback.url, checks));
      }),
    );
  } finally {
    loopback.close();
  }
}

/** Device authorization (RFC 8628). @throws CliError */
export async function deviceFlow({ protocol, config }: Issuer, { scope, say }: FlowOptions): Promise<OidcTokens> {
  return await inWords(config.serverMetadata().issuer, async () => {
    const device = await protocol.initiateDeviceAuthorization(config, { scope });
    const { verification_uri: address, verification_uri_complete: whole, user_code: code } = device;
    say(`Log in with a browser, on any device, at: ${whole ?? address}`);
    say(`and check that it shows this code: ${code}`);
    try {
      return tokensOf(await protocol.pollDeviceAuthorizationGrant(config, device));
    } catch (error) {
      if ((error as { error?: string }).error === 'expired_token') throw nobodyCame(device.expires_in * 1000);
      throw error;
    }
  });
}

/** Whether the issuer offers it. */
export const hasDeviceFlow = ({ config }: Issuer): boolean =>
  config.serverMetadata().device_authorization_endpoint !== undefined;

async function exchanged(callback: Callback, ask: () => Promise<OidcTokens>): Promise<OidcTokens> {
  try {
    const tokens = await ask();
    callback.reply('You are logged in. This window can be closed.');
    return tokens;
  } catch (error) {
    callback.reply('The login failed; the terminal says why. This window can be closed.');
    throw error;
  }
}

async function withinTime(callback: Promise<Callback>): Promise<Callback> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(nobodyCame(PERSON_WITHIN_MS)), PERSON_WITHIN_MS);
  });
  try {
    return await Promise.race([callback, late]);
  } finally {
    clearTimeout(timer);
  }
}

const nobodyCame = (withinMs: number): CliError =>
  new CliError({ code: EXIT.timeout, summary: `nobody logged in within ${Math.round(withinMs / 1000)} s` });
