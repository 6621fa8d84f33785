// SPDX-License-Identifier: Apache-2.0
// Reads what kustomize has made and tells every mistake: node manifests.mjs FILE FOLDER. First Kubernetes' own
// schemas (kubernetes-models), then its types, where a key that is not known is a mistake, too (tsc over
// FOLDER/manifests.ts, which the caller runs), then what we promise.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseAllDocuments } from 'yaml';

const [file, folder] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const mistakes = [];
const all = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
  if (document.errors.length) mistakes.push(`${file}: ${document.errors[0].message}`);
  return document.toJS();
});
const name = (what) => `${what.kind} ${what.metadata.name}`;
const want = (ok, what, sentence) => ok || mistakes.push(`${name(what)}: ${sentence}`);

// ---- Kubernetes' schemas and types
let types = '';
for (const what of all) {
  const module = `kubernetes-models/${what.apiVersion}`;
  const Model = require(module)[what.kind];
  try {
    new Model(structuredClone(what)).validate();
  } catch (error) {
    mistakes.push(`${name(what)}: ${error.message}`);
  }
  const n = types.split('\n').length;
  types += `import type { I${what.kind} as T${n} } from '${module}'; export const m${n}: T${n} = ${JSON.stringify(what)};\n`;
}
writeFileSync(`${folder}/manifests.ts`, types);

// ---- what we promise
const of = (kind) => all.filter((what) => what.kind === kind);
const matches = (selector, labels) => Object.entries(selector).every(([key, value]) => labels[key] === value);
const sets = of('StatefulSet');
const labels = (set) => set.spec.template.metadata.labels;
const departments = ['analytics', 'marketing', 'sales', 'service'];
if (sets.map((set) => set.spec.template.spec.containers[0].args[0]).sort().join() !== departments.join())
  mistakes.push('not every department has a StatefulSet');
for (const set of sets) {
  const pod = set.spec.template.spec;
  const [node] = pod.containers;
  const department = node.args[0];
  want(set.spec.replicas === 1, set, 'a member is one pod');
  want(pod.enableServiceLinks === false && pod.automountServiceAccountToken === false, set, 'it is told more than it needs');
  want(pod.securityContext.runAsNonRoot && pod.securityContext.seccompProfile.type === 'RuntimeDefault', set, 'the pod may too much');
  for (const container of [...pod.containers, ...pod.initContainers]) {
    const context = container.securityContext;
    want(context.readOnlyRootFilesystem && !context.allowPrivilegeEscalation && context.capabilities.drop.includes('ALL'),
      set, `${container.name} may too much`);
    want(container.resources.requests.memory && container.resources.limits.memory, set, `${container.name} has no bounds`);
  }
  want(node.startupProbe.httpGet.path === '/healthz' && node.livenessProbe.httpGet.path === '/healthz', set, 'alive is /healthz');
  want(node.readinessProbe.httpGet.path === '/readyz', set, 'ready is /readyz');
  want(pod.initContainers[0].args[1] === department, set, 'another member is placed here');
  const secret = pod.volumes.find((volume) => volume.name === 'member').secret;
  want(secret.secretName === `liaison-${department}` &&
    secret.items.map((item) => item.path).join() === `members,admin.pub,${department}/node.keys`, set, 'its secret is not its own');
  want(!JSON.stringify(set).includes('admin.key'), set, "the administrators' key does not belong here");
  for (const kind of ['bus', 'http']) {
    const services = of('Service').filter((s) => s.metadata.name === `${department}-${kind}`);
    want(services.length === 1, set, `no service ${kind}`);
    const chosen = sets.filter((other) => matches(services[0].spec.selector, labels(other)));
    want(chosen.length === 1 && chosen[0] === set, services[0], 'leads to another department');
    for (const port of services[0].spec.ports) {
      const target = node.ports.find((p) => p.name === port.targetPort);
      want(target && (kind === 'http' || target.containerPort === port.port), services[0], `port ${port.name} leads nowhere`);
    }
  }
  const bus = of('Service').find((s) => s.metadata.name === `${department}-bus`);
  want(/^\d+\.\d+\.\d+\.\d+$/.test(bus.spec.clusterIP) && bus.spec.publishNotReadyAddresses, bus, 'has no address of its own');
  // As a file of settings, which the caller has checked by `liaison config check`.
  const lines = node.env.filter((v) => v.name.startsWith('LIAISON_') && !/_TLS_/.test(v.name))
    .map((v) => `${v.name.slice(8).toLowerCase().replaceAll('_', '-')}: '${v.value.replace('$(POD_IP)', '10.0.0.1')}'`);
  writeFileSync(`${folder}/${department}.yaml`, `proxy: 127.0.0.1\n${lines.join('\n')}\n`);
}
const addresses = of('Service').map((s) => s.spec.clusterIP).filter(Boolean);
if (new Set(addresses).size !== 4) mistakes.push('two nodes have one address');
for (const [kind, selector] of [['PodDisruptionBudget', (w) => w.spec.selector.matchLabels], ['NetworkPolicy', (w) => w.spec.podSelector.matchLabels]]) {
  const [what, ...more] = of(kind);
  if (!what || more.length) mistakes.push(`one ${kind} is wanted`);
  else want(sets.every((set) => matches(selector(what), labels(set))), what, 'leaves nodes out');
}
for (const rule of of('NetworkPolicy')[0].spec.ingress) {
  const outside = rule.from.some((from) => from.namespaceSelector);
  want(!outside || rule.ports.every((p) => p.port === 'http'), of('NetworkPolicy')[0], 'the bus is open to others than nodes');
}
for (const sentence of mistakes) console.error(sentence);
process.exit(mistakes.length ? 1 : 0);
