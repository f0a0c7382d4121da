import { at, listAt } from './helm.js';

/** What of a pod is more than it needs, or less than a cluster asks of it: the "restricted" profile and a little more. */
export function podProblems(spec: unknown): readonly string[] {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  return [...ofThePod(spec), ...containers.flatMap((container) => ofTheContainer(spec, container))];
}

function ofThePod(spec: unknown): readonly string[] {
  const volumes = listAt(spec, 'volumes');
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'].filter(
      (name) => at(spec, name) === true,
    ),
    ...fault(at(spec, 'automountServiceAccountToken') !== false, 'a service account token is mounted'),
    ...fault(at(spec, 'securityContext', 'runAsNonRoot') !== true, 'may run as root'),
    ...fault(
      at(spec, 'securityContext', 'seccompProfile', 'type') !== 'RuntimeDefault',
      'no seccomp profile',
    ),
    ...fault(at(spec, 'securityContext', 'runAsUser') === 0, 'runs as root'),
    ...volumes.flatMap((volume) =>
      fault(at(volume, 'hostPath') !== undefined, 'mounts a path of the machine'),
    ),
    ...volumes.flatMap((volume) => {
      const secret = at(volume, 'secret');
      return fault(
        secret !== undefined && at(secret, 'defaultMode') !== 0o400,
        'a secret that others may read',
      );
    }),
  ];
}

function ofTheContainer(spec: unknown, container: unknown): readonly string[] {
  const image = at(container, 'image');
  const own = at(container, 'securityContext');
  const mounted = listAt(container, 'volumeMounts').map((mount) => at(mount, 'name'));
  // A StatefulSet's claims are volumes too.
  const volumes = [...listAt(spec, 'volumes').map((volume) => at(volume, 'name')), 'data'];
  return [
    ...fault(
      !/^[^:]+(?::\d+)?[^:]*(?::(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(String(image)),
      `image ${String(image)}`,
    ),
    ...fault(at(own, 'privileged') === true, 'is privileged'),
    ...fault(at(own, 'allowPrivilegeEscalation') !== false, 'may become more than it is'),
    ...fault(at(own, 'readOnlyRootFilesystem') !== true, 'writes to its image'),
    ...fault(JSON.stringify(at(own, 'capabilities')) !== '{"drop":["ALL"]}', 'keeps capabilities'),
    ...fault(
      listAt(container, 'ports').some((port) => at(port, 'hostPort') !== undefined),
      'takes a port of the machine',
    ),
    ...['cpu', 'memory'].flatMap((name) => [
      ...fault(at(container, 'resources', 'limits', name) === undefined, `no limit of ${name}`),
      ...fault(at(container, 'resources', 'requests', name) === undefined, `no request of ${name}`),
    ]),
    ...mounted.flatMap((name) =>
      fault(!volumes.includes(name), `mounts ${String(name)}, which is no volume`),
    ),
    // A secret in a variable is seen by more eyes than one in a file.
    ...listAt(container, 'env').flatMap((one) =>
      fault(at(one, 'valueFrom', 'secretKeyRef') !== undefined, 'a secret in a variable'),
    ),
  ];
}

function fault(is: boolean, words: string): readonly string[] {
  return is ? [words] : [];
}
