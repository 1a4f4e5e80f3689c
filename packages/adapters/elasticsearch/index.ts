export { searchConnection } from "./address.ts";
export { type ElasticOrderSearch, type ElasticsearchSettings, openOrderSearch } from "./orderSearch.ts";
