export { type ElasticOrderSearch, type ElasticsearchSettings, openOrderSearch } from "./orderSearch.ts";
