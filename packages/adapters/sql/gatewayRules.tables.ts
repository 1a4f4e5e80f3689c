/** The tables of the gateway's rules; see migrations/0059-gateway-rules.ts. Both bodies are JSON. */
export type GatewayRulesTables = {
  /** One row a version; nothing changes one. */
  t_gateway_rules: { version: number; create_time: number; operator: string; rules_of: number; body: string };
  /** One row a minute and process that takes requests. */
  t_gateway_usage: { minute: number; source: string; body: string };
};
