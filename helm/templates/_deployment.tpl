{{/* The deployment of a component (bot or worker), and what keeps its pods apart. Takes root, component, values. */}}

{{- define "aixops.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "aixops.metadata" . | nindent 2 }}
spec:
  {{- if not (include "aixops.isScaled" .) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate:
      # A new one is ready before an old one goes.
      maxUnavailable: 0
      maxSurge: {{ ternary 1 "25%" (eq .component "bot") }}
  selector:
    matchLabels:
      {{- include "aixops.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "aixops.labels" . | nindent 8 }}
        {{- with .values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        # Other settings make other pods.
        checksum/config: {{ include "aixops.files" .root | sha256sum }}
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "aixops.podBasics" . | nindent 6 }}
      terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
      {{- include "aixops.spread" . | trim | nindent 6 }}
      containers:
        - name: aixops
          {{- include "aixops.containerBasics" . | nindent 10 }}
          args: [start, --role, {{ .component }}]
          ports:
            - name: health
              containerPort: {{ .root.Values.health.port }}
            {{- if and (eq .component "bot") (eq .root.Values.slack.mode "http") }}
            - name: slack
              containerPort: {{ .root.Values.slack.port }}
            {{- end }}
          {{- include "aixops.probes" .root | nindent 10 }}
      volumes:
        {{- include "aixops.volumes" . | nindent 8 }}
{{- end -}}

{{/* Whether something else sets the number of replicas: not empty where it does. */}}
{{- define "aixops.isScaled" -}}
{{- if and (eq .component "worker") .root.Values.worker.autoscaling.enabled }}yes{{ end -}}
{{- end -}}

{{/* A process that starts has 2 minutes for Redis and Slack; afterwards only one that hangs is killed. */}}
{{- define "aixops.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: health }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /livez, port: health }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: health }
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{- define "aixops.spread" -}}
{{- $selector := include "aixops.selector" . -}}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- else }}
affinity:
  podAntiAffinity:
    {{- if eq $.values.antiAffinity "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- $selector | nindent 12 }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- $selector | nindent 14 }}
    {{- end }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
{{- end -}}

{{- define "aixops.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "aixops.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  {{- if semverCompare ">=1.27-0" .root.Capabilities.KubeVersion.Version }}
  # While Slack or Redis is away no pod is ready: machines can be emptied nevertheless.
  unhealthyPodEvictionPolicy: AlwaysAllow
  {{- end }}
  selector:
    matchLabels:
      {{- include "aixops.selector" . | nindent 6 }}
{{- end -}}
