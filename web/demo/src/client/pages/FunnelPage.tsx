/** How far the lender's customers come when they connect a platform: for the lender's own people. */
import type { FunnelView } from "../../shared/wire";
import { RowBar } from "../charts/parts";
import { Link, PageTitle } from "../navigation";
import { Notice, Skeleton, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { day, number } from "../words/money";
import { fill, words } from "../words/speech";

export function FunnelPage() {
  const { data, trouble, again } = useReading<FunnelView>("/api/funnel");
  const none = data?.steps.every(({ customers }) => customers === 0) && data.losses.length === 0;
  return (
    <>
      <div className="page-head">
        <PageTitle title={words.funnel.title} />
        <p className="lede">{data ? fill(words.funnel.fromTo, { from: day(data.from, "long"), to: day(data.to, "long") }) : words.funnel.thirtyDays} {words.funnel.numbersOnly}</p>
      </div>
      {trouble && <TroubleNotice trouble={trouble} onAgain={again} />}
      {!data && !trouble && <Skeleton lines={5} label={words.funnel.reading} />}
      {data && !data.isCounted && <Notice tone="plain" title={words.funnel.offTitle} body={words.funnel.offBody} />}
      {data && none && data.isCounted && (
        <Notice tone="plain" title={words.funnel.noneTitle} body={words.funnel.noneBody}>
          <Link to="/connect" className="button">
            {words.funnel.connect}
          </Link>
        </Notice>
      )}
      {data && !none && <Numbers view={data} />}
    </>
  );
}

function Numbers({ view: { steps, losses } }: { view: FunnelView }) {
  const most = Math.max(...steps.map(({ customers }) => customers), 1);
  return (
    <>
      <section aria-labelledby="steps">
        <h2 id="steps">{words.funnel.steps}</h2>
        <ol className="funnel">
          {steps.map(({ step, customers }) => (
            <li key={step}>
              <span>{words.funnel[step]}</span>
              <strong>{number(customers)}</strong>
              <RowBar permille={(customers / most) * 1000} className="bar-in" />
            </li>
          ))}
        </ol>
        <p className="fine">{words.funnel.larger}</p>
      </section>
      <section aria-labelledby="losses">
        <h2 id="losses">{words.funnel.why}</h2>
        {losses.length === 0 && <p>{words.funnel.noReason}</p>}
        <ul className="funnel-losses">
          {losses.map(({ reason, customers }) => (
            <li key={reason}>
              <strong>{number(customers)}</strong> {(words.funnel.losses as Record<string, string>)[reason] ?? reason}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
