{{/* One pod for every component that runs our image: bot, worker, and the test of the release. */}}

{{/* Secrets that a component holds, as a JSON list: each a group with its Secret and, for variables, their keys. */}}
{{- define "aixops.secretsOf" -}}
{{- $groups := ternary (list "bot" "shared") (list "shared" "ssh") (eq .component "bot") -}}
{{- $held := list -}}
{{- range $group := $groups -}}
{{- $secret := index $.root.Values.secrets $group -}}
{{- $name := include "aixops.secretName" (dict "root" $.root "group" $group) -}}
{{- if and $name (or (eq $group "ssh") $secret.variables) -}}
{{- $held = append $held (dict "group" $group "name" $name "variables" ($secret.variables | default list) "keys" ($secret.keys | default dict)) -}}
{{- end -}}
{{- end -}}
{{- toJson $held -}}
{{- end -}}

{{/* Secrets are files: the environment of a process is seen by more eyes. */}}
{{- define "aixops.environment" -}}
- name: AIXOPS_CONFIG
  value: /etc/aixops
- name: AIXOPS_HEALTH_HOST
  value: {{ .root.Values.health.host | quote }}
- name: AIXOPS_HEALTH_PORT
  value: {{ .root.Values.health.port | quote }}
{{- range $secret := include "aixops.secretsOf" . | fromJsonArray }}
{{- range $variable := $secret.variables }}
- name: {{ $variable }}_FILE
  value: /run/secrets/aixops/{{ $secret.group }}/{{ $variable }}
{{- end }}
{{- end }}
{{- include "aixops.tracing" . }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The standard variables of OpenTelemetry; without an endpoint nothing is traced. */}}
{{- define "aixops.tracing" -}}
{{- with .root.Values.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: {{ $.root.Values.tracing.protocol | quote }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $.root.Values.tracing.sampleRatio | toString | quote }}
{{- end }}
{{- end -}}

{{- define "aixops.mounts" -}}
- name: config
  mountPath: /etc/aixops
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- range $secret := include "aixops.secretsOf" . | fromJsonArray }}
- name: {{ $secret.group }}-secrets
  mountPath: /run/secrets/aixops/{{ $secret.group }}
  readOnly: true
{{- end }}
{{- if .root.Values.redis.tls.secretName }}
- name: redis-tls
  mountPath: /run/secrets/aixops/redis-tls
  readOnly: true
{{- end }}
{{- with .values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Mode 0400: with fsGroup the kubelet makes that root:GROUP 0440, the one form besides one's own 0600 in which aixops uses
a private key. A key that others may read is refused.
*/}}
{{- define "aixops.volumes" -}}
- name: config
  configMap:
    name: {{ include "aixops.configMapName" .root }}
    defaultMode: 0444
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: 64Mi
{{- range $secret := include "aixops.secretsOf" . | fromJsonArray }}
- name: {{ $secret.group }}-secrets
  secret:
    secretName: {{ $secret.name }}
    defaultMode: 0400
    {{- with $secret.variables }}
    # A key that is missing keeps the pod from starting, with an event that names it.
    items:
      {{- range . }}
      - key: {{ index $secret.keys . | default . }}
        path: {{ . }}
      {{- end }}
    {{- end }}
{{- end }}
{{- with .root.Values.redis.tls.secretName }}
- name: redis-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0400
{{- end }}
{{- with .values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What of a pod's specification is the same whatever runs in it. Takes root and values (of the component). */}}
{{- define "aixops.podBasics" -}}
serviceAccountName: {{ include "aixops.serviceAccountName" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The container's part that does not depend on what it runs. */}}
{{- define "aixops.containerBasics" -}}
image: {{ include "aixops.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.securityContext | nindent 2 }}
env:
  {{- include "aixops.environment" . | nindent 2 }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
volumeMounts:
  {{- include "aixops.mounts" . | nindent 2 }}
{{- end -}}
