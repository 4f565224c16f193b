import { describe, expect, it } from '@jest/globals';
import { bearerOfCookie, isSameOrigin } from './browser-cookies.js';

const host = '127.0.0.1:50051';

describe('a request with a cookie', () => {
  it.each([
    ['GET', {}, true],
    ['GET', { 'sec-fetch-site': 'same-origin' }, true],
    ['GET', { 'sec-fetch-site': 'none' }, true],
    ['GET', { 'sec-fetch-site': 'same-site' }, false],
    ['GET', { 'sec-fetch-site': 'cross-site' }, false],
    ['GET', { origin: 'http://127.0.0.1:8000' }, false],
    ['GET', { upgrade: 'websocket' }, false],
    ['GET', { upgrade: 'websocket', origin: `http://${host}` }, true],
    ['GET', { upgrade: 'websocket', origin: 'http://127.0.0.1:8000' }, false],
    ['POST', {}, false],
    ['POST', { 'sec-fetch-site': 'none' }, false],
    ['POST', { 'sec-fetch-site': 'same-origin' }, true],
    ['POST', { origin: `http://${host}` }, true],
    ['POST', { origin: 'null' }, false],
    ['POST', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
    ['DELETE', { origin: 'http://127.0.0.1:50052' }, false],
  ])('%s %j is of this gateway’s pages: %s', (method, headers, expected) => {
    expect(isSameOrigin({ method, headers: { host, ...headers } })).toBe(expected);
  });

  it('is of this gateway’s port only', () => {
    const cookie = 'a=b; skyflow-session-50052=other; skyflow-session-50051=a%20b';
    expect(bearerOfCookie({ method: 'GET', headers: { host, cookie } })).toBe('Bearer a b');
    expect(bearerOfCookie({ method: 'GET', headers: { host: 'sky.example', cookie } })).toBeUndefined();
    expect(bearerOfCookie({ method: 'GET', headers: { host, cookie: 'skyflow-session-50051=%zz' } })).toBeUndefined();
  });

  it('of another page is refused, saying what to do', () => {
    const headers = { host, cookie: 'skyflow-session-50051=t', origin: 'http://127.0.0.1:8000' };
    expect(() => bearerOfCookie({ method: 'POST', headers })).toThrow(
      /not for http:\/\/127\.0\.0\.1:8000; send a token/,
    );
    expect(bearerOfCookie({ method: 'POST', headers: { ...headers, cookie: '' } })).toBeUndefined();
  });
});
