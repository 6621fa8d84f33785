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
    secret.items.map((item) => item.path).join() === `members,admin.pub,backup.pub,${department}/node.keys`, set, 'its secret is not its own');
  const gib = (text) => Number(text.replace(/Gi$/, ''));
  want(2 * gib(node.env.find((v) => v.name === 'LIAISON_MAP_GIB').value) >= gib(set.spec.volumeClaimTemplates[0].spec.resources.requests.storage),
    set, 'log and views may not grow as large as the volume');
  want(!/admin\.key|backup\.key/.test(JSON.stringify(set)), set, "the administrators' and the backup's key do not belong here");
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
const backups = of('CronJob');
for (const job of backups) {
  const pod = job.spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const context = container.securityContext;
  want(pod.securityContext.runAsNonRoot && context.readOnlyRootFilesystem && !context.allowPrivilegeEscalation &&
    context.capabilities.drop.includes('ALL') && !pod.automountServiceAccountToken && container.resources.limits.memory,
    job, 'may too much');
  want(job.spec.concurrencyPolicy === 'Forbid', job, 'two of them would write to one shelf');
  const asked = container.args.filter((word) => word.startsWith('https://')).map((word) => word.slice(8));
  want(asked.sort().join() === departments.map((d) => `${d}-http`).join(), job, 'not every node is backed up, by its service');
  // A node answers to names that it was told, and lets the job come to it.
  for (const set of sets) {
    const node = set.spec.template.spec.containers[0];
    want(node.env.find((v) => v.name === 'LIAISON_HOSTS').value.split(' ').includes(`${node.args[0]}-http`), set, 'does not answer to backups');
  }
  const label = job.spec.jobTemplate.spec.template.metadata.labels;
  const own = of('NetworkPolicy').find((w) => matches(w.spec.podSelector.matchLabels, label));
  want(own && !own.spec.ingress && own.spec.policyTypes.includes('Ingress'), job, 'somebody may come to it');
  want(own?.spec.egress.some((e) => e.to?.some((to) => to.podSelector && sets.every((set) => matches(to.podSelector.matchLabels, labels(set)))) &&
    e.ports.every((p) => sets.every((set) => set.spec.template.spec.containers[0].ports.some((o) => o.name === 'http' && o.containerPort === p.port)))),
    job, 'does not reach the nodes');
  const nodes = of('NetworkPolicy').find((w) => w.metadata.name === 'liaison');
  want(nodes.spec.ingress.some((i) => i.from.some((from) => from.podSelector && matches(from.podSelector.matchLabels, label)) &&
    i.ports.every((p) => p.port === 'http')), job, 'nodes do not let it in');
}
const policies = of('NetworkPolicy').filter((w) => w.metadata.name === 'liaison');
for (const [kind, selector, found] of [['PodDisruptionBudget', (w) => w.spec.selector.matchLabels, of('PodDisruptionBudget')],
  ['NetworkPolicy', (w) => w.spec.podSelector.matchLabels, policies]]) {
  const [what, ...more] = found;
  if (!what || more.length) mistakes.push(`one ${kind} is wanted`);
  else want(sets.every((set) => matches(selector(what), labels(set))), what, 'leaves nodes out');
}
for (const rule of policies[0]?.spec.ingress ?? []) {
  const outside = rule.from.some((from) => from.namespaceSelector || !sets.every((set) => matches(from.podSelector.matchLabels, labels(set))));
  want(!outside || rule.ports.every((p) => p.port === 'http'), policies[0], 'the bus is open to others than nodes');
}
for (const sentence of mistakes) console.error(sentence);
process.exit(mistakes.length ? 1 : 0);
