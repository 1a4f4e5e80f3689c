/** How to reach the railway, its terms, what becomes of one's data, and whom the site keeps out: each by the railway's name. */
import { useTitle } from "../../lib/components.tsx";
import { useLanguage } from "../../lib/messages.tsx";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import { Link } from "@chepiao/ui";
import { helpEn, helpTextsEn, topicsEn } from "../../messages/help.en.ts";
import { type HelpSections, type HelpTopic, helpTextsZh, helpZh, topicsZh } from "../../messages/help.zh.ts";

const helpOf = {
  zh: { texts: helpTextsZh, sections: helpZh, topics: topicsZh },
  en: { texts: helpTextsEn, sections: helpEn, topics: topicsEn },
} as const;
export const useHelp = () => helpOf[useLanguage().language];

export function HelpTopicPage({ topic }: { readonly topic: HelpTopic }) {
  const { texts, topics } = useHelp();
  const { title, sections } = topics[topic];
  const help = useRailwayRules()?.help;
  useTitle(title);
  const own =
    topic === "terms"
      ? { text: texts.ownTerms, url: help?.terms }
      : topic === "privacy"
        ? { text: texts.ownPrivacy, url: help?.privacy }
        : null;
  return (
    <div className="page narrow help">
      <h1 className="page-title">{title}</h1>
      {topic === "contact" && <Contact />}
      {own?.url !== undefined && (
        <p className="card section">
          <a href={own.url} rel="noreferrer">
            {own.text}
          </a>
        </p>
      )}
      <Sections of={sections} />
      <HelpNav current={topic} />
    </div>
  );
}

export function Sections({ of }: { readonly of: HelpSections }) {
  const { language } = useLanguage();
  const railway = useRailwayRules()?.name[language];
  // Without its name no sentence says who does what.
  const said = (text: string) => text.replaceAll("{railway}", railway ?? "…");
  return of.map(([title, ...texts]) => (
    <section key={title} className="card section">
      <h2>{title}</h2>
      {texts.map((text) => (
        <p key={text}>{said(text)}</p>
      ))}
    </section>
  ));
}

function Contact() {
  const { language } = useLanguage();
  const { texts } = useHelp();
  const rules = useRailwayRules();
  if (!rules) return <div className="skeleton block" aria-hidden="true" />;
  const { phone, email, hours, address } = rules.help ?? {};
  return (
    <section className="card section">
      <h2>{rules.name[language]}</h2>
      {!phone && !email && !address && <p>{texts.noContact}</p>}
      <dl className="rules-list">
        {phone && (
          <div>
            <dt>{texts.phone}</dt>
            <dd>
              <a href={`tel:${phone.replaceAll(/[^\d+]/g, "")}`}>{phone}</a>
            </dd>
          </div>
        )}
        {email && (
          <div>
            <dt>{texts.email}</dt>
            <dd>
              <a href={`mailto:${email}`}>{email}</a>
            </dd>
          </div>
        )}
        {hours && (
          <div>
            <dt>{texts.hours}</dt>
            <dd>{hours[language]}</dd>
          </div>
        )}
        {address && (
          <div>
            <dt>{texts.address}</dt>
            <dd>{address[language]}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** From each of these pages to the others. */
export function HelpNav({ current }: { readonly current?: HelpTopic }) {
  const { texts, topics } = useHelp();
  return (
    <nav className="card section" aria-label={texts.topics}>
      <ul className="plain-list">
        {(Object.keys(topics) as HelpTopic[])
          .filter((topic) => topic !== current)
          .map((topic) => (
            <li key={topic}>
              <Link to={`/help/${topic}`}>{topics[topic].title}</Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
