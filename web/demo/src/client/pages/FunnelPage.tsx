/** How far the lender's customers come when they connect a platform: for the lender's own people. */
import type { FunnelStep, FunnelView } from "../../shared/wire";
import { RowBar } from "../charts/parts";
import { Link, PageTitle } from "../navigation";
import { Notice, Skeleton, TroubleNotice } from "../parts";
import { useReading } from "../polling";

const STEPS: Record<FunnelStep, string> = {
  opened: "Opened the page",
  chose: "Chose a platform",
  began: "Went to sign in there",
  authorised: "Gave access",
  linked: "Connected",
};

const LOSSES: Record<string, string> = {
  cancelled: "said no at the platform",
  declined: "chose “Not now”",
  left: "went to sign in and didn’t come back",
  notListed: "use a platform that isn’t in the list",
  platformFailed: "met a platform that failed",
  permissionMissing: "may not give access at the platform",
  notAccepted: "typed something that the platform didn’t accept",
  setupRefused: "met our own set-up, which the platform refused",
  alreadyConnected: "had connected their books already",
  businessNotChosen: "didn’t say which business they meant",
  tookTooLong: "took longer than the sign-in may take",
  notConfirmed: "weren’t confirmed by us",
  failed: "met a fault of Moorline’s",
};

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const day = (text: string) => DAY.format(new Date(`${text}T00:00:00Z`));

export function FunnelPage() {
  const { data, trouble, again } = useReading<FunnelView>("/api/funnel");
  const none = data?.steps.every(({ customers }) => customers === 0) && data.losses.length === 0;
  return (
    <>
      <div className="page-head">
        <PageTitle title="How far customers come" />
        <p className="lede">{data ? `From ${day(data.from)} to ${day(data.to)}.` : "The last thirty days."} Numbers only: nothing here is about a person.</p>
      </div>
      {trouble && <TroubleNotice trouble={trouble} onAgain={again} />}
      {!data && !trouble && <Skeleton lines={5} label="Reading the numbers" />}
      {data && !data.isCounted && <Notice tone="plain" title="Nothing is counted" body="The funnel is switched off in the settings of Link." />}
      {data && none && data.isCounted && (
        <Notice tone="plain" title="No numbers yet" body="They come as soon as a customer opens the page to connect.">
          <Link to="/connect" className="button">
            Connect something
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
        <h2 id="steps">Step by step</h2>
        <ol className="funnel">
          {steps.map(({ step, customers }) => (
            <li key={step}>
              <span>{STEPS[step]}</span>
              <strong>{customers}</strong>
              <RowBar permille={(customers / most) * 1000} className="bar-in" />
            </li>
          ))}
        </ol>
        <p className="fine">One business that connects two platforms opens the page once and chooses twice, so a later number can be larger than the one before.</p>
      </section>
      <section aria-labelledby="losses">
        <h2 id="losses">Why some stopped</h2>
        {losses.length === 0 && <p>No one told us a reason.</p>}
        <ul className="funnel-losses">
          {losses.map(({ reason, customers }) => (
            <li key={reason}>
              <strong>{customers}</strong> {LOSSES[reason] ?? reason}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
