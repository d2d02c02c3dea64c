/** The introduction to Tidewell, and the form that starts an application. */
import { type FormEvent, useRef, useState } from "react";
import type { Merchant } from "../../shared/wire";
import { asTrouble, post, type Trouble } from "../api";
import { PageTitle } from "../navigation";
import { Icon, SetApart, TroubleNotice } from "../parts";
import { words } from "../words/speech";

const FIELDS = [
  { name: "businessName", type: "text", autoComplete: "organization" },
  { name: "contactName", type: "text", autoComplete: "name" },
  { name: "email", type: "email", autoComplete: "email" },
] as const;

type Field = (typeof FIELDS)[number]["name"];

export function WelcomePage({ onSignUp }: { onSignUp: (merchant: Merchant) => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({});
  const [trouble, setTrouble] = useState<Trouble>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget)) as Record<Field, string>;
    const found: Partial<Record<Field, string>> = {};
    for (const { name } of FIELDS) {
      const value = values[name].trim();
      if (!value || (name === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))) found[name] = words.failures[name];
    }
    setWrong(found);
    const first = FIELDS.find(({ name }) => found[name]);
    if (first) {
      form.current?.querySelector<HTMLInputElement>(`[name=${first.name}]`)?.focus();
      return;
    }
    setBusy(true);
    setTrouble(undefined);
    try {
      onSignUp((await post<{ merchant: Merchant }>("/api/sign-up", values)).merchant);
    } catch (error) {
      setTrouble(asTrouble(error));
      setBusy(false);
    }
  };

  return (
    <div className="welcome">
      <section className="pitch">
        <PageTitle title={words.welcome.title.replaceAll("*", "")}>
          <SetApart text={words.welcome.title} as="em" />
        </PageTitle>
        <p className="lede">{words.welcome.lede}</p>
        <ul className="promises">
          {words.welcome.promises.map((promise) => (
            <li key={promise}>
              <Icon name="done" />
              <span>
                <SetApart text={promise} as="strong" />
              </span>
            </li>
          ))}
        </ul>
        <Tide />
      </section>
      <section className="card sign-up" aria-labelledby="sign-up">
        <h2 id="sign-up">{words.welcome.start}</h2>
        <p className="soft">{words.welcome.steps}</p>
        <form ref={form} noValidate onSubmit={submit}>
          {FIELDS.map(({ name, type, autoComplete }) => (
            <div className="field" key={name}>
              <label htmlFor={name}>{words.welcome[name]}</label>
              <input
                id={name}
                name={name}
                type={type}
                autoComplete={autoComplete}
                maxLength={120}
                required
                aria-invalid={wrong[name] ? true : undefined}
                aria-describedby={wrong[name] ? `${name}-wrong` : undefined}
              />
              {wrong[name] && (
                <p className="field-wrong" id={`${name}-wrong`}>
                  {wrong[name]}
                </p>
              )}
            </div>
          ))}
          {trouble && <TroubleNotice trouble={trouble} />}
          <button type="submit" className="button wide" disabled={busy}>
            {busy ? words.welcome.creating : words.welcome.create}
          </button>
        </form>
        <p className="fine">{words.welcome.privacy}</p>
      </section>
    </div>
  );
}

function Tide() {
  return (
    <svg className="tide" viewBox="0 0 600 150" aria-hidden="true" focusable="false" preserveAspectRatio="xMidYMax slice">
      <circle className="tide-sun" cx="452" cy="66" r="34" />
      <path className="tide-far" d="M0 84c50-24 100-24 150 0s100 24 150 0 100-24 150 0 100 24 150 0v66H0z" />
      <path className="tide-mid" d="M0 106c40-18 90-18 130 0s95 20 150 0 95-18 140 0 110 18 180-6v50H0z" />
      <path className="tide-near" d="M0 128c60-16 110-14 160 0s110 12 160-2 120-12 170 2 70 8 110 0v22H0z" />
    </svg>
  );
}
