{{/* What things are called, and the labels by which they find each other. */}}

{{- define "aixops.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 45 characters: the longest suffix of ours leaves it below the 63 of a label or a service. */}}
{{- define "aixops.fullname" -}}
{{- $name := include "aixops.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 45 | trimSuffix "-" -}}
{{- end -}}

{{- define "aixops.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{- define "aixops.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (include "aixops.version" .) -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of a component; it never changes in a release's life. Takes root and component. */}}
{{- define "aixops.selector" -}}
app.kubernetes.io/name: {{ include "aixops.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* All labels of an object. Takes root and component. */}}
{{- define "aixops.labels" -}}
{{ include "aixops.selector" . }}
app.kubernetes.io/version: {{ include "aixops.version" .root | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object. Takes root, component, and a suffix where the component alone does not name it. */}}
{{- define "aixops.metadata" -}}
name: {{ include "aixops.fullname" .root }}-{{ .suffix | default .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "aixops.labels" . | nindent 2 }}
{{- end -}}

{{- define "aixops.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "aixops.fullname" .) -}}
{{- end -}}

{{- define "aixops.configMapName" -}}
{{- .Values.config.existingConfigMap | default (printf "%s-config" (include "aixops.fullname" .)) -}}
{{- end -}}

{{/* The Secret of a group: bot, shared or ssh. Takes root and group. */}}
{{- define "aixops.secretName" -}}
{{- $own := printf "%s-%s" (include "aixops.fullname" .root) .group -}}
{{- (index .root.Values.secrets .group).secretName | default (ternary $own "" .root.Values.externalSecrets.enabled) -}}
{{- end -}}

{{- define "aixops.bundledRedis" -}}
{{ include "aixops.fullname" . }}-redis
{{- end -}}
