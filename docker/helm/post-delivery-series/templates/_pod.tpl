{{/* What a pod is made of, on SQLite and on PostgreSQL. */}}
{{- define "series.pod" -}}
{{- include "series.checkValues" . }}
{{- $shared := include "series.shared" . }}
{{- $secrets := include "series.secretFiles" . | fromYaml }}
{{- $projects := and .Values.workloadIdentity.enabled (not .Values.workloadIdentity.webhook) -}}
metadata:
  labels:
    {{- include "series.selector" . | nindent 4 }}
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
    {{- if and .Values.workloadIdentity.enabled .Values.workloadIdentity.webhook }}
    azure.workload.identity/use: 'true'
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: series
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "series.serviceAccount" . }}
  # It never asks Kubernetes. The token for Azure is another one, with an audience and a volume of its own.
  automountServiceAccountToken: false
  # The variables that Kubernetes makes of other services could be taken for settings.
  enableServiceLinks: false
  # The drain, ten seconds to end whatever hangs, and some to spare.
  terminationGracePeriodSeconds: {{ add .Values.drainSeconds 25 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ int64 .Values.userId }}
    runAsGroup: {{ int64 .Values.userId }}
    fsGroup: {{ int64 .Values.userId }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: series
      image: {{ include "series.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- if .Values.maintenance }}
      command: [node, -e, 'process.once("SIGTERM", () => process.exit()); setInterval(() => {}, 1e9)']
      {{- end }}
      ports:
        - name: http
          containerPort: 8080
          protocol: TCP
      env:
        - name: HOST
          value: 0.0.0.0
        - name: PORT
          value: '8080'
        {{- if not $shared }}
        - name: STORE_URL
          value: sqlite:/data/series.db
        {{- end }}
        - name: DRAIN_SECONDS
          value: {{ .Values.drainSeconds | quote }}
        {{- with include "series.publicUrl" . }}
        - name: PUBLIC_URL
          value: {{ . | quote }}
        {{- end }}
        {{- range $setting, $secret := $secrets }}
        {{- /* The pod that waits has the SQLite store, and this file only to move it. */}}
        {{- if or $shared (ne $setting "STORE_URL_FILE") }}
        - name: {{ $setting }}
          value: /etc/post-delivery-series/{{ $setting }}/{{ $secret.key }}
        {{- end }}
        {{- end }}
        {{- if .Values.backups.existingClaim }}
        - name: BACKUP_DIR
          value: /backups
        - name: BACKUP_CRON
          value: {{ .Values.backups.schedule | quote }}
        - name: BACKUP_KEEP
          value: {{ .Values.backups.keep | quote }}
        {{- end }}
        {{- if $projects }}
        - name: AZURE_CLIENT_ID
          value: {{ required "workloadIdentity.enabled: set workloadIdentity.clientId" .Values.workloadIdentity.clientId | quote }}
        - name: AZURE_TENANT_ID
          value: {{ required "workloadIdentity.enabled: set workloadIdentity.tenantId" .Values.workloadIdentity.tenantId | quote }}
        - name: AZURE_FEDERATED_TOKEN_FILE
          value: /var/run/secrets/azure/tokens/azure-identity-token
        {{- end }}
        {{- range $setting, $value := .Values.settings }}
        - name: {{ $setting }}
          {{- /* A whole number of YAML is a float here: a large one would be written as 1e+08. */}}
          value: {{ if kindIs "float64" $value }}{{ printf "%.0f" $value | quote }}{{ else }}{{ toString $value | quote }}{{ end }}
        {{- end }}
      {{- if not .Values.maintenance }}
      {{- /* Where AUTH=off, only what calls it localhost is answered. */}}
      {{- $local := `[{ name: Host, value: localhost }]` }}
      # Opening a store checks and, after an upgrade, converts it.
      startupProbe:
        httpGet: { path: /health/live, port: http, httpHeaders: {{ $local }} }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 90
      livenessProbe:
        httpGet: { path: /health/live, port: http, httpHeaders: {{ $local }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /health/ready, port: http, httpHeaders: {{ $local }} }
        periodSeconds: 5
        timeoutSeconds: 4
        failureThreshold: 2
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        privileged: false
        readOnlyRootFilesystem: true
        runAsNonRoot: true
        capabilities:
          drop: [ALL]
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        {{- if not $shared }}
        - name: data
          mountPath: /data
        {{- end }}
        - name: tmp
          mountPath: /tmp
        {{- range $setting, $secret := $secrets }}
        - name: {{ $setting | lower | replace "_" "-" }}
          mountPath: /etc/post-delivery-series/{{ $setting }}
          readOnly: true
        {{- end }}
        {{- if .Values.backups.existingClaim }}
        - name: backups
          mountPath: /backups
        {{- end }}
        {{- if $projects }}
        - name: azure-identity-token
          mountPath: /var/run/secrets/azure/tokens
          readOnly: true
        {{- end }}
  volumes:
    # SQLite and Node put into it what they cannot keep in memory.
    - name: tmp
      emptyDir: { sizeLimit: 128Mi }
    {{- range $setting, $secret := $secrets }}
    - name: {{ $setting | lower | replace "_" "-" }}
      secret:
        secretName: {{ $secret.existingSecret }}
        # Read by the fsGroup, which is ours, and by nobody else.
        defaultMode: 0440
        items:
          {{- range concat (list $secret.key) (default list $secret.files) | uniq }}
          - key: {{ . }}
            path: {{ . }}
          {{- end }}
    {{- end }}
    {{- if .Values.backups.existingClaim }}
    - name: backups
      persistentVolumeClaim:
        claimName: {{ .Values.backups.existingClaim }}
    {{- end }}
    {{- if $projects }}
    - name: azure-identity-token
      projected:
        defaultMode: 0440
        sources:
          - serviceAccountToken:
              path: azure-identity-token
              audience: api://AzureADTokenExchange
              expirationSeconds: 3600
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $shared }}
  # Over nodes and zones where there is room, and anywhere else rather than not at all. Pods of each rollout are counted
  # by themselves, for the others go.
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "series.selector" $ | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
{{- end }}
