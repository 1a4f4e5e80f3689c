/** On the account's page: its appeals, for whom there are any. */
import { useAppeals } from "./useAppeals.ts";
import { useAppealMessages } from "./useAppealMessages.ts";
import { Link } from "@chepiao/ui";

export function AppealList() {
  const texts = useAppealMessages();
  const appeals = useAppeals(true);
  if (!appeals.data || appeals.data.length === 0) return null;
  return (
    <section className="card section" aria-labelledby="appeals-title">
      <h2 id="appeals-title">{texts.list}</h2>
      <ul className="rows">
        {appeals.data.map(({ reference, state }) => (
          <li key={reference}>
            <Link to={`/appeal/${reference}`}>
              <span className="number">{reference}</span>
            </Link>
            <span>{texts.short[state]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
