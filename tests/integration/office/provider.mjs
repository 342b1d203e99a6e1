// A certified OpenID Connect provider (npm oidc-provider) that signs in whomever the test has put at its door.
// node provider.mjs PORT REDIRECT_URI HOME; POST /door {"sub", "acr", "amr", "ttl"} says who comes next.
import { Provider } from "oidc-provider";

const [port, redirectUri, home] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
let door = { sub: "nobody", ttl: 600 };

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "fangbang",
      client_secret: "a secret between the two of us",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [home],
      id_token_signed_response_alg: "RS256",
    },
  ],
  acrValues: ["urn:test:two-factors"],
  claims: { openid: ["sub"], acr: null, amr: null, auth_time: null, iss: null, sid: null },
  cookies: { keys: ["kept for the test"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { IdToken: () => door.ttl, Session: 600, Interaction: 600, Grant: 600, AccessToken: 600 },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});

async function read(request) {
  let text = "";
  for await (const part of request) text += part;
  return JSON.parse(text);
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/door") {
    door = { ttl: 600, ...(await read(ctx.req)) };
    ctx.body = "ok";
  } else if (ctx.path.startsWith("/interaction/")) {
    const login = { accountId: door.sub, acr: door.acr, amr: door.amr, remember: false };
    await provider.interactionFinished(ctx.req, ctx.res, { login }, { mergeWithLastSubmission: false });
    ctx.respond = false;
  } else {
    await next();
  }
});

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
