// TLS of the bus: a certificate authority of our own, made once, and a server certificate that is issued again whenever
// the machine's addresses have changed or its end is near.
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
// The certificate library demands it first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { BUS_NAME } from './server-identity.ts';
import { type Vault, writeSecret } from './vault.ts';

const DAY_MS = 24 * 3600 * 1000;
const CA_DAYS = 3650;
const SERVER_DAYS = 365;
/** Issued anew at a start within this time of its end. */
const RENEWAL_DAYS = 60;
/** Clocks of nodes may be behind ours. */
const BACKDATED_DAYS = 1;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', key));
}

async function importPrivateKey(text: string): Promise<CryptoKey> {
  const der = Buffer.from(text.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

function validity(days: number) {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED_DAYS * DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

async function makeAuthority(files: Vault): Promise<void> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Overseer bus CA',
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(CA_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  writeSecret(files.caKey, await privateKeyPem(keys.privateKey));
  writeSecret(files.ca, `${certificate.toString('pem')}\n`);
}

/** Names and addresses under which this machine may be reached. */
export function reachableNames(advertised: readonly string[]): string[] {
  const local = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const addresses = local.map(({ address }) => address).filter((address) => !address.includes('%'));
  return [...new Set([BUS_NAME, 'localhost', '127.0.0.1', '::1', hostname(), ...addresses, ...advertised])];
}

/** Whether the certificate is still good for all these names, and for a while. */
function isGood(certificate: X509Certificate, authority: X509Certificate, names: readonly string[]): boolean {
  const remaining = Date.parse(certificate.validTo) - Date.now();
  return (
    remaining > RENEWAL_DAYS * DAY_MS &&
    certificate.checkIssued(authority) &&
    names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
  );
}

async function issue(files: Vault, names: readonly string[]): Promise<void> {
  const authority = new x509.X509Certificate(readFileSync(files.ca, 'utf8'));
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Overseer bus',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(readFileSync(files.caKey, 'utf8')),
    signingAlgorithm: ALGORITHM,
    ...validity(SERVER_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const),
      ),
    ],
  });
  writeSecret(files.certificateKey, await privateKeyPem(keys.privateKey));
  writeSecret(files.certificate, `${certificate.toString('pem')}\n`);
}

/** @returns the authority's certificate, PEM */
export async function prepareCertificates(files: Vault, advertised: readonly string[]): Promise<string> {
  if (!existsSync(files.ca)) await makeAuthority(files);
  const ca = readFileSync(files.ca, 'utf8');
  const names = reachableNames(advertised);
  const isCurrent =
    existsSync(files.certificate) &&
    existsSync(files.certificateKey) &&
    isGood(new X509Certificate(readFileSync(files.certificate)), new X509Certificate(ca), names);
  if (!isCurrent) await issue(files, names);
  return ca;
}
