// SPDX-License-Identifier: Apache-2.0
// A real OpenID provider (oidc-provider, certified) on a port of this machine, with three people and two
// clients: node provider.mjs PORT KEY-ID CLIENT=REDIRECT[=SECRET] ...
// PORT 0: any. It prints its issuer when it is ready. The same port with another KEY-ID: its keys were
// replaced.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [port, keyId, ...clients] = process.argv.slice(2);
const people = {
  ada: { email: 'ada@example.com', email_verified: true, name: 'Ada' },
  Bea: { email: 'bea@example.com', email_verified: true, name: 'Bea Beispiel' },
  eve: { email: 'eve@elsewhere.example', email_verified: true, name: 'Eve' },
  mal: { email: 'ada@example.com', email_verified: false, name: 'Ada?' },
};
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: clients.map((text) => {
      const [client_id, redirect, client_secret] = text.split('=');
      return {
        client_id,
        redirect_uris: [redirect],
        post_logout_redirect_uris: [`${new URL(redirect).origin}/`],
        ...(client_secret ? { client_secret } : { token_endpoint_auth_method: 'none' }),
      };
    }),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'RS256' }] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['a key of a test'] },
    findAccount: (context, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
