// The clouds of Azure: endpoint, audience and authority belong together.
// https://learn.microsoft.com/azure/azure-monitor/logs/api/access-api and
// https://learn.microsoft.com/graph/deployments

interface Cloud {
  /** Endpoint and audience of Log Analytics. */
  readonly logAnalytics: string
  readonly authority: string
  /** Null: this cloud has no advanced hunting by Microsoft Graph. */
  readonly graph: string | null
}

export const CLOUDS: Readonly<Record<'public' | 'usgov' | 'china', Cloud>> = {
  public: {
    logAnalytics: 'https://api.loganalytics.io',
    authority: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com'
  },
  usgov: {
    logAnalytics: 'https://api.loganalytics.us',
    authority: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us'
  },
  china: {
    logAnalytics: 'https://api.loganalytics.azure.cn',
    authority: 'https://login.chinacloudapi.cn',
    graph: null
  }
}
