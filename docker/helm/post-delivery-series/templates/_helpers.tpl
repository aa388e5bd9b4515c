{{- define "series.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of every object of the release. 52 characters, since a StatefulSet adds a hash to it in a label. */}}
{{- define "series.fullname" -}}
{{- $name := include "series.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What finds our pods, for ever: neither StatefulSet nor Deployment lets it change. */}}
{{- define "series.selector" -}}
app.kubernetes.io/name: {{ include "series.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "series.labels" -}}
{{ include "series.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "series.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "series.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.create is false: set serviceAccount.name to one that exists" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "series.image" -}}
{{- $repository := required "set image.repository to where your image of the service is" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* PUBLIC_URL, where the ingress decides it and the settings do not. */}}
{{- define "series.publicUrl" -}}
{{- if and .Values.ingress.enabled (not (hasKey .Values.settings "PUBLIC_URL")) }}
{{- printf "https://%s" (required "ingress.enabled: set ingress.host" .Values.ingress.host) }}
{{- end }}
{{- end }}

{{/* Not empty where equal pods share a database. The pod that waits is always that of the SQLite store. */}}
{{- define "series.shared" -}}
{{- if and .Values.postgres.existingSecret (not .Values.maintenance) }}true{{ end }}
{{- end }}

{{/* The files of secrets: a map from the setting to its secret, its key, and other keys that lie beside it. */}}
{{- define "series.secretFiles" -}}
{{- $files := dict }}
{{- with .Values.apiKeys }}{{- if .existingSecret }}{{- $_ := set $files "API_KEYS_FILE" . }}{{- end }}{{- end }}
{{- with .Values.azureClientSecret }}{{- if .existingSecret }}{{- $_ := set $files "AZURE_CLIENT_SECRET_FILE" . }}{{- end }}{{- end }}
{{- with .Values.postgres }}{{- if .existingSecret }}{{- $_ := set $files "STORE_URL_FILE" . }}{{- end }}{{- end }}
{{- toYaml $files }}
{{- end }}

{{/* Fails for settings that the chart makes itself, for secrets, since values end up in plain text in the cluster, and
for what does not go together. */}}
{{- define "series.checkValues" -}}
{{- if and .Values.postgres.existingSecret .Values.backups.existingClaim }}
{{- fail "backups.existingClaim: copies are of a SQLite store. Leave it out with postgres.existingSecret, and let the database be copied by its own tools, such as pg_dump" }}
{{- end }}
{{- range $name, $_ := .Values.settings }}
{{- $plain := trimSuffix "_FILE" $name }}
{{- if has $plain (list "HOST" "PORT") }}
{{- fail (printf "settings.%s: the chart sets it" $name) }}
{{- else if eq $plain "STORE_URL" }}
{{- fail (printf "settings.%s: the chart sets it; for PostgreSQL use postgres.existingSecret" $name) }}
{{- else if eq $name "PGPASSWORD" }}
{{- fail (printf "settings.%s: the URL in the secret of postgres.existingSecret holds it" $name) }}
{{- else if eq $plain "DRAIN_SECONDS" }}
{{- fail (printf "settings.%s: use drainSeconds" $name) }}
{{- else if hasPrefix "BACKUP_" $plain }}
{{- fail (printf "settings.%s: use backups" $name) }}
{{- else if eq $plain "API_KEYS" }}
{{- fail (printf "settings.%s: use apiKeys.existingSecret" $name) }}
{{- else if has $plain (list "AZURE_CLIENT_SECRET" "AZURE_PASSWORD" "AZURE_CLIENT_CERTIFICATE_PASSWORD") }}
{{- fail (printf "settings.%s: use azureClientSecret.existingSecret, or workloadIdentity" $name) }}
{{- else if and $.Values.workloadIdentity.enabled (has $name (list "AZURE_CLIENT_ID" "AZURE_TENANT_ID" "AZURE_FEDERATED_TOKEN_FILE")) }}
{{- fail (printf "settings.%s: workloadIdentity sets it" $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Peers of a NetworkPolicy. Link-local addresses are no place for a service: they hand out what belongs to the node. */}}
{{- define "series.anywhere" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except: [169.254.0.0/16]
- ipBlock:
    cidr: ::/0
    except: [fe80::/10]
{{- end }}
