// A real OpenID provider for the tests (npm oidc-provider), with three clients and faults that can be switched on.
//
//   node server.mjs <<< '{"port": 9410, "redirects": {"plain": […], "ftn": […], "tara": […]}, "keys": {our public JWKS}, "decryption": {our JWK}}'
//
// POST /fault/<name> switches a fault on for every answer that follows, POST /fault/none off again. Loopback only.

import { createHash, createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as jose from 'jose';
import Provider from 'oidc-provider';

const { port, redirects, keys, decryption } = JSON.parse(readFileSync(0, 'utf8'));
const issuer = `http://127.0.0.1:${port}`;
const made = async (kid) => {
  const { privateKey, publicKey } = await jose.generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicKey, jwk: { ...(await jose.exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' } };
};
const [signing, stranger, entity, next] = await Promise.all(['sig-1', 'sig-1', 'entity-1', 'sig-2'].map(made));
const shown = async (key) => ({ ...(await jose.exportJWK(key.publicKey)), kid: key.kid, alg: 'RS256', use: 'sig' });

// Who can identify: what each client is told of them.
const PEOPLE = {
  nordea: { code: '070770-905D', estonian: 'EE60001019906', given_name: 'Nordea', family_name: 'Demo' },
  mari: { code: '131052-308T', estonian: 'EE60001019906', given_name: 'Mary Änn', family_name: 'O’Connež' },
  stranger: { code: '131052Y308T', estonian: 'EE37605030299', given_name: 'Nobody', family_name: 'Here' },
};
const ACR = { plain: 'high', ftn: 'http://ftn.ficora.fi/2017/loa3', tara: 'high' };
const client = (id, auth, more) => ({
  client_id: id,
  redirect_uris: redirects[id],
  response_types: ['code'],
  grant_types: ['authorization_code'],
  token_endpoint_auth_method: auth,
  scope: 'openid profile personal_identity_code weak idcard mid smartid',
  ...more,
});

let fault = 'none';

const provider = new Provider(issuer, {
  jwks: { keys: [signing.jwk] },
  cookies: { keys: ['only for tests'] },
  clients: [
    client('plain', 'client_secret_basic', { client_secret: 'plain secret, known to all' }),
    client('tara', 'client_secret_basic', { client_secret: 'tara secret, known to all' }),
    client('ftn', 'private_key_jwt', {
      jwks: keys,
      token_endpoint_auth_signing_alg: 'RS256',
      require_signed_request_object: true,
      request_object_signing_alg: 'RS256',
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      id_token_encrypted_response_enc: 'A256GCM',
    }),
  ],
  scopes: ['openid', 'profile', 'personal_identity_code', 'weak', 'idcard', 'mid', 'smartid'],
  claims: {
    openid: ['sub'], acr: null, profile: ['given_name', 'family_name'], personal_identity_code: ['personal_identity_code'],
    idcard: ['profile_attributes'],
  },
  acrValues: ['low', 'substantial', 'high', 'http://ftn.ficora.fi/2017/loa2', 'http://ftn.ficora.fi/2017/loa3'],
  conformIdTokenClaims: false,
  extraParams: ['ftn_spname', 'ftn_idp_id'],
  features: { devInteractions: { enabled: false }, encryption: { enabled: true }, requestObjects: { enabled: true } },
  pkce: { required: () => true },
  ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  interactions: { url: (_ctx, one) => `/interaction/${one.uid}` },
  async loadExistingGrant(ctx) {
    const { oidc } = ctx;
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope(oidc.client.scope);
    grant.addOIDCClaims(['acr']);
    await grant.save();
    return grant;
  },
  // FTN's subjects do not last: each visit gets its own.
  async findAccount(_ctx, id) {
    const who = PEOPLE[id.split('~')[0]];
    if (!who) return undefined;
    const { code, estonian, ...names } = who;
    const sub = id.startsWith('tara~') ? estonian : id;
    return {
      accountId: id,
      claims: async () => ({ sub, personal_identity_code: code, profile_attributes: names, ...names }),
    };
  },
});

const page = (uid, one) => `<!doctype html><html lang="en"><title>Identification</title><h1>Who are you?</h1>
<p id="sp">${one.params.ftn_spname ?? ''} ${one.params.ui_locales ?? ''}</p>
<form method="post" action="/interaction/${uid}">
${Object.keys(PEOPLE).map((name) => `<button name="who" value="${name}">${name}</button>`).join('\n')}
<button name="who" value="cancel">Cancel</button></form></html>`;

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function interaction(ctx) {
  const one = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method !== 'POST') {
    ctx.type = 'html';
    ctx.body = page(one.uid, one);
    return;
  }
  const who = (await body(ctx.req)).get('who');
  const id = one.params.client_id;
  const accountId = id === 'plain' || id === 'tara' ? who : `${who}~${randomUUID()}`;
  const result = who === 'cancel'
    ? { error: id === 'tara' ? 'user_cancel' : 'access_denied', error_description: 'turned back' }
    : { login: { accountId, acr: ACR[id], amr: ['idcard'], remember: false } };
  ctx.status = 303;
  ctx.set('location', await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false }));
}

// ---- Faults: the claims of a token, and how it is signed -------------------------------------------------------------

const seconds = () => Math.floor(Date.now() / 1000);
const CLAIMS = {
  nonce: () => ({ nonce: 'another' }),
  'no-nonce': () => ({ nonce: undefined }),
  audience: () => ({ aud: 'somebody-else' }),
  audiences: (claims) => ({ aud: [claims.aud, 'somebody-else'] }),
  azp: () => ({ azp: 'somebody-else' }),
  issuer: () => ({ iss: 'https://evil.example' }),
  'no-subject': () => ({ sub: undefined }),
  expired: () => ({ iat: seconds() - 500, exp: seconds() - 200 }),
  'no-expiry': () => ({ exp: undefined }),
  old: () => ({ iat: seconds() - 7200, exp: seconds() + 600 }),
  ahead: () => ({ iat: seconds() + 3600, exp: seconds() + 7200 }),
  'no-acr': () => ({ acr: undefined }),
  'low-acr': () => ({ acr: 'low' }),
  'at-hash': () => ({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
  'wrong-code': () => ({ personal_identity_code: '131052-3080', sub: 'EE60001019907' }),
  'foreign-code': () => ({ sub: 'LT60001019906' }),
};

const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

async function signed(claims) {
  const header = { alg: 'RS256', kid: signing.kid };
  if (fault === 'none-algorithm') return `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
  if (fault === 'hs256') {
    const pem = createPublicKey({ key: await jose.exportJWK(signing.publicKey), format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const input = `${encoded({ alg: 'HS256', kid: signing.kid })}.${encoded(claims)}`;
    return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
  }
  if (fault === 'own-key') header.jwk = await shown(stranger);
  if (fault === 'unknown-key') header.kid = 'nobody-knows';
  if (fault === 'new-key') header.kid = next.kid;
  const by = { key: stranger, 'own-key': stranger, 'unknown-key': stranger, 'new-key': next }[fault] ?? signing;
  const token = await new jose.SignJWT(claims).setProtectedHeader(header).sign(by.privateKey);
  return fault === 'signature' ? `${token.slice(0, -6)}AAAAAA` : token;
}

const FORMS = ['none-algorithm', 'hs256', 'key', 'own-key', 'unknown-key', 'new-key', 'signature', 'unencrypted'];

async function decrypted(text) {
  const { plaintext } = await jose.compactDecrypt(text, await jose.importJWK(decryption, 'RSA-OAEP-256'));
  return new TextDecoder().decode(plaintext);
}

async function encrypted(text) {
  if (fault === 'unencrypted') return text;
  const key = keys.keys.find((one) => one.use === 'enc');
  return new jose.CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: key.kid, cty: 'JWT', iss: issuer, aud: 'ftn' })
    .encrypt(await jose.importJWK({ ...key, alg: 'RSA-OAEP-256' }));
}

// The token that oidc-provider made goes out as it is, unless a fault is on, or TARA's ways have to be put on.
async function retold(answer, id) {
  if (id !== 'tara' && !(fault in CLAIMS) && !FORMS.includes(fault)) return answer.id_token;
  const given = id === 'ftn' ? await decrypted(answer.id_token) : answer.id_token;
  const claims = jose.decodeJwt(given);
  if (id === 'tara') {
    const digest = createHash('sha256').update(answer.access_token).digest();
    // As TARA writes them: standard Base64, padded; the country before the code.
    Object.assign(claims, { sub: PEOPLE[claims.sub].estonian, at_hash: digest.subarray(0, 16).toString('base64') });
  }
  Object.assign(claims, CLAIMS[fault]?.(claims));
  const token = await signed(JSON.parse(JSON.stringify(claims)));
  return id === 'ftn' ? encrypted(token) : token;
}

provider.use(async (ctx, go) => {
  if (ctx.path.startsWith('/fault/')) {
    fault = ctx.path.slice('/fault/'.length);
    ctx.body = fault;
  } else if (ctx.path === '/entity') {
    ctx.body = { keys: [await shown(entity)] };
  } else if (ctx.path === '/signed-keys') {
    const by = fault === 'entity' ? stranger : entity;
    ctx.type = 'application/jose';
    ctx.body = await new jose.SignJWT({ keys: [await shown(signing)] })
      .setProtectedHeader({ alg: 'RS256', kid: entity.kid }).sign(by.privateKey);
  } else if (ctx.path.startsWith('/interaction/')) {
    await interaction(ctx);
  } else if (fault === 'down') {
    ctx.status = 502;
  } else if (fault === 'nonsense') {
    ctx.body = '<html>Good day</html>';
  } else if (fault === 'slow' && ctx.path === '/token') {
    await new Promise((resolve) => { setTimeout(resolve, 8000); });
    ctx.body = {};
  } else {
    await go();
    await spoiled(ctx);
  }
});

async function spoiled(ctx) {
  if (ctx.path === '/.well-known/openid-configuration' && fault === 'discovery') ctx.body.issuer = 'https://evil.example';
  if (ctx.path === '/jwks' && fault === 'new-key') ctx.body = { keys: [await shown(signing), await shown(next)] };
  if (ctx.path === '/token' && ctx.status === 200) {
    ctx.body.id_token = fault === 'no-token' ? undefined : await retold(ctx.body, ctx.oidc.client.clientId);
  }
}

const server = provider.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
