// Client credentials with a signed assertion (RFC 7523), as NetSuite's help describes them: certificates that an administrator uploads, and
// assertions that are verified with node's own cryptography.

import { randomUUID, verify, X509Certificate } from "node:crypto";

const SECOND = 1_000;
const TWO_YEARS_MS = 2 * 366 * 86_400 * SECOND;
const LONGEST_ASSERTION_SECONDS = 3_600;

/** A certificate as it is listed after its upload. */
interface Registration {
  readonly certificate: X509Certificate;
  readonly clientId: string;
  /** The value of the person whose account it was uploaded to. */
  readonly person: string;
  revoked: boolean;
}

const decoded = (part: string | undefined): Record<string, unknown> => JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;

export class Certificates {
  private readonly registered = new Map<string, Registration>();
  private readonly seen = new Set<string>();
  /** Why each assertion that was not accepted was not. */
  readonly refusals: string[] = [];
  accepted = 0;

  /** Uploads a certificate for an integration of a person's account; returns its ID. */
  upload(pem: string, clientId: string, person: string): string {
    const certificate = new X509Certificate(pem);
    const key = certificate.publicKey;
    const curve = key.asymmetricKeyDetails?.namedCurve;
    if (key.asymmetricKeyType !== "ec" || curve !== "prime256v1") throw new Error(`a key of another kind: ${String(key.asymmetricKeyType)} ${String(curve)}`);
    if (!certificate.verify(key)) throw new Error("the certificate isn't signed by its own key");
    const life = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom);
    if (life > TWO_YEARS_MS || Date.parse(certificate.validTo) <= Date.now()) throw new Error(`valid from ${certificate.validFrom} to ${certificate.validTo}`);
    const id = randomUUID().replaceAll("-", "_");
    this.registered.set(id, { certificate, clientId, person, revoked: false });
    return id;
  }

  /** As an administrator revokes it in the list. */
  revoke(id: string): void {
    const registration = this.registered.get(id);
    if (registration !== undefined) registration.revoked = true;
  }

  /** The person whose account an assertion opens, or undefined. */
  personOf(form: URLSearchParams, audience: string, now: number): string | undefined {
    const refused = (why: string): undefined => {
      this.refusals.push(why);
      return undefined;
    };
    if (form.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") return refused("another type of assertion");
    const [head, body, signature, ...rest] = (form.get("client_assertion") ?? "").split(".");
    if (signature === undefined || rest.length > 0) return refused("not a JWT");
    const header = decoded(head);
    const claims = decoded(body);
    const known = this.registered.get(String(header["kid"]));
    if (header["alg"] !== "ES256" || header["typ"] !== "JWT") return refused(`header ${JSON.stringify(header)}`);
    if (known === undefined || known.revoked) return refused(`no certificate ${String(header["kid"])}`);
    const key = { key: known.certificate.publicKey, dsaEncoding: "ieee-p1363" as const };
    if (!verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) return refused("the signature is another key's");
    const { iss, aud, iat, exp, scope, jti } = claims;
    if (iss !== known.clientId) return refused(`iss ${String(iss)}`);
    if (aud !== audience) return refused(`aud ${String(aud)}`);
    if (scope !== "rest_webservices") return refused(`scope ${String(scope)}`);
    const seconds = now / SECOND;
    if (typeof iat !== "number" || typeof exp !== "number" || iat > seconds + 60 || exp <= seconds || exp - iat > LONGEST_ASSERTION_SECONDS) return refused(`iat ${String(iat)}, exp ${String(exp)}`);
    if (typeof jti !== "string" || this.seen.has(jti)) return refused("an assertion that came before");
    if (Date.parse(known.certificate.validTo) <= now) return refused("the certificate has ended");
    this.seen.add(jti);
    this.accepted += 1;
    return known.person;
  }
}
