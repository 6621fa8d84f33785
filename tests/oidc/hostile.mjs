// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves in one way for each issuer, http://127.0.0.1:PORT/WAY; "good" does not. It prints
// its port, and each question that it gets at a token endpoint.
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';

const url = (text) => Buffer.from(text).toString('base64url');
const pair = (type, options, alg) => {
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  return { alg, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `key of ${alg}` } };
};
const keys = {
  RS256: pair('rsa', { modulusLength: 2048 }, 'RS256'),
  ES256: pair('ec', { namedCurve: 'P-256' }, 'ES256'),
  EdDSA: pair('ed25519', {}, 'EdDSA'),
};
const weak = pair('rsa', { modulusLength: 1024 }, 'RS256');
const stranger = pair('rsa', { modulusLength: 2048 }, 'RS256');

const digest = { RS256: 'sha256', ES256: 'sha256', EdDSA: null };
function signed(head, claims, key) {
  const text = `${url(JSON.stringify(head))}.${url(JSON.stringify(claims))}`;
  const how = key.alg === 'ES256' ? { key: key.privateKey, dsaEncoding: 'ieee-p1363' } : key.privateKey;
  return `${text}.${sign(digest[key.alg], Buffer.from(text), how).toString('base64url')}`;
}
const plainly = (claims, key) => signed({ alg: key.alg, kid: key.jwk.kid }, claims, key);

// What is changed in the claims; functions get them.
const claimed = {
  'other-nonce': { nonce: 'of somebody else' },
  'no-nonce': { nonce: undefined },
  expired: (c) => ({ exp: c.iat - 120, iat: c.iat - 180 }),
  old: (c) => ({ iat: c.iat - 3600 }),
  'of-the-future': (c) => ({ iat: c.iat + 3600, exp: c.iat + 7200 }),
  'not-yet': (c) => ({ nbf: c.iat + 3600 }),
  'no-times': { exp: undefined },
  'times-as-text': { exp: 'tomorrow' },
  'other-issuer': { iss: 'http://127.0.0.1:1/' },
  'other-audience': { aud: 'another client' },
  'many-audiences': { aud: ['liaison', 'another client'] },
  'other-party': { aud: ['liaison', 'another client'], azp: 'another client' },
  'our-party': { aud: ['liaison', 'another client'], azp: 'liaison' },
  unverified: { email_verified: false },
  'verified-as-text': { email_verified: 'true' },
  'no-email': { email: undefined, email_verified: undefined },
  'odd-email': { email: 'ada@example.com\r\nBcc: all@example.com' },
  'no-subject': { sub: undefined },
  'endless-subject': { sub: 'x'.repeat(300) },
  'other-domain': { email: 'ada@elsewhere.example' },
  'domain-behind': { email: 'ada@example.com@elsewhere.example' },
  'other-token': { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' },
  'same-token': (c, access) => ({ at_hash: createHash('sha256').update(access).digest().subarray(0, 16).toString('base64url') }),
  stranger: { sub: 'nobody here', email: 'nobody@example.com' },
  'somebody-new': { sub: 'new', email: 'new@example.com', name: 'New <b>Person</b>' },
  closed: { sub: 'closed', email: 'closed@example.com' },
};

const tokens = {
  none: (c) => `${url('{"alg":"none"}')}.${url(JSON.stringify(c))}.`,
  'none-as-rs256': (c) => `${url('{"alg":"RS256","kid":"key of RS256"}')}.${url(JSON.stringify(c))}.`,
  hs256: (c) => {
    const text = `${url('{"alg":"HS256","kid":"key of RS256"}')}.${url(JSON.stringify(c))}`;
    const secret = keys.RS256.publicKey.export({ type: 'spki', format: 'pem' });
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  },
  'other-key': (c) => signed({ alg: 'RS256', kid: keys.RS256.jwk.kid }, c, stranger),
  'unknown-key': (c) => signed({ alg: 'RS256', kid: 'a key of nobody' }, c, stranger),
  'own-key': (c) => signed({ alg: 'RS256', jwk: stranger.jwk }, c, stranger),
  'weak-key': (c) => plainly(c, weak),
  'other-algorithm': (c) => signed({ alg: 'ES256', kid: keys.RS256.jwk.kid }, c, keys.RS256),
  'access-token': (c) => signed({ alg: 'RS256', typ: 'at+jwt', kid: keys.RS256.jwk.kid }, c, keys.RS256),
  critical: (c) => signed({ alg: 'RS256', crit: ['exp'], kid: keys.RS256.jwk.kid }, c, keys.RS256),
  bent: (c) => plainly(c, keys.RS256).replace(/\.(..)/, '.AA'),
  es256: (c) => plainly(c, keys.ES256),
  eddsa: (c) => plainly(c, keys.EdDSA),
  'no-key-named': (c) => signed({ alg: 'RS256' }, c, keys.RS256),
};

const codes = new Map(); // code: what was asked for
let rotations = 0;
const nowS = () => Math.floor(Date.now() / 1000);

function describe(way, issuer) {
  const at = way === 'issuer' ? 'http://127.0.0.1:1' : issuer;
  const document = {
    issuer: at,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    ...(way.startsWith('userinfo') && { userinfo_endpoint: `${issuer}/userinfo` }),
    authorization_response_iss_parameter_supported: way.startsWith('iss-'),
  };
  if (way === 'private') document.token_endpoint = 'http://192.168.1.1/token';
  if (way === 'file') document.token_endpoint = 'file:///etc/passwd';
  if (way === 'script') document.authorization_endpoint = 'javascript:alert(1)';
  if (way === 'with-password') document.token_endpoint = 'https://user:password@example.com/token';
  return document;
}

function authorize(way, issuer, query, response) {
  const code = `code-${codes.size}`;
  codes.set(code, { nonce: query.get('nonce'), challenge: query.get('code_challenge'), redirect: query.get('redirect_uri') });
  const back = new URL(query.get('redirect_uri'));
  back.searchParams.set('state', way === 'other-state' ? 'A'.repeat(43) : query.get('state'));
  if (way === 'denies') back.searchParams.set('error', 'access_denied');
  else if (way === 'writes') back.searchParams.set('error', '<script>alert(1)</script>');
  else if (way !== 'no-code') back.searchParams.set('code', code);
  if (way === 'iss-right') back.searchParams.set('iss', issuer);
  if (way === 'iss-wrong' || way === 'iss-unasked') back.searchParams.set('iss', 'https://honest.example');
  response.writeHead(302, { Location: back.href }).end();
}

function claimsFor(way, issuer, asked, access) {
  const claims = { iss: issuer, sub: 'ada', aud: 'liaison', iat: nowS(), exp: nowS() + 300, nonce: asked.nonce,
    email: 'ada@example.com', email_verified: true };
  const change = claimed[way];
  return { ...claims, ...(typeof change === 'function' ? change(claims, access) : change) };
}

function tokenFor(way, issuer, form) {
  const asked = codes.get(form.get('code'));
  const proof = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
  if (!asked || proof !== asked.challenge || form.get('redirect_uri') !== asked.redirect) return { error: 'invalid_grant' };
  const access = 'access-that-nobody-sees';
  const claims = claimsFor(way, issuer, asked, access);
  const make = tokens[way] ?? (way.startsWith('rotates') ? rotated : (c) => plainly(c, keys.RS256));
  if (way.startsWith('userinfo')) delete claims.email;
  return { access_token: access, token_type: 'Bearer', id_token: make(claims) };
}

// Each token of its own key.
let fresh;
function rotated(claims) {
  fresh = pair('rsa', { modulusLength: 2048 }, 'RS256');
  fresh.jwk.kid = `rotation ${++rotations}`;
  return plainly(claims, fresh);
}

function keysOf(way) {
  if (way === 'weak-key') return [weak.jwk];
  if (way.startsWith('rotates')) return [fresh.jwk];
  return Object.values(keys).map((key) => key.jwk);
}

function userinfo(way) {
  if (way === 'userinfo-other') return { sub: 'eve', email: 'ada@example.com', email_verified: true };
  return { sub: 'ada', email: 'ada@example.com', email_verified: way !== 'userinfo-unverified' };
}

const answer = (response, value, status = 200) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
  const [, way, ...rest] = pathname.split('/');
  const issuer = `http://127.0.0.1:${server.address().port}/${way}`;
  const page = rest.join('/');
  let body = '';
  for await (const chunk of request) body += chunk;
  if (page === '.well-known/openid-configuration') {
    if (way === 'endless') { while (response.write('x'.repeat(65536)) || response.writableLength < 1 << 22); return response.end(); }
    if (way === 'redirects') return response.writeHead(302, { Location: issuer.replace(way, 'good') + '/' + page }).end();
    if (way === 'noise') return response.end('<html>');
    if (way === 'breaks') return response.destroy();
    return answer(response, describe(way, issuer));
  }
  if (page === 'authorize') return authorize(way, issuer, searchParams, response);
  if (page === 'keys') return way === 'no-keys' ? answer(response, { keys: [] }) : answer(response, { keys: keysOf(way) });
  if (page === 'userinfo') return answer(response, userinfo(way));
  if (page !== 'token') return answer(response, {}, 404);
  console.log(JSON.stringify({ way, body, authorization: request.headers.authorization }));
  if (way === 'fails') return answer(response, {}, 503);
  if (way === 'refuses') return answer(response, { error: 'invalid_grant', error_description: body }, 400);
  if (way === 'no-token') return answer(response, { access_token: 'x', token_type: 'Bearer' });
  return answer(response, tokenFor(way, issuer, new URLSearchParams(body)));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
