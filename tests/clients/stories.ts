// Both reference stories by the generated TypeScript client, against a served sandbox: `node stories.js http://...`.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const address = process.argv[2] ?? "";

function meant(so: boolean, what: string): asserts so {
  if (!so) throw new Error(what);
}

async function caller(who: Record<string, string>) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${address}/sandbox/token`, { method: "POST", headers, body: JSON.stringify(who) });
  const { token } = (await answer.json()) as { token: string };
  return createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${token}` } });
}

async function linkInMail(to: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const text = await (await fetch(`${address}/sandbox/outbox?to=${encodeURIComponent(to)}`)).text();
    const found = text.match(new RegExp(`${address}/d/[A-Za-z0-9_.-]+`));
    if (found) return found[0];
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("no mail came");
}

async function granted() {
  const budi = await caller({ sub: "budi", role: "buyer" });
  const order = { path: { order_id: "LZD-1001" } };
  const options = await budi.GET("/v1/orders/{order_id}/cancellation-options", { params: order });
  meant(options.data?.eligible === true, "Budi may ask");
  const body: components["schemas"]["AskPost"] = {
    reason_code: "wrong_size",
    channel: "app",
    accept_terms: true,
    quote_id: options.data.quote.quote_id,
  };
  const header = { "Idempotency-Key": "ts-1" };
  const first = await budi.POST("/v1/orders/{order_id}/cancellations", { params: { ...order, header }, body });
  const again = await budi.POST("/v1/orders/{order_id}/cancellations", { params: { ...order, header }, body });
  meant(first.data !== undefined, "he asked");
  const caseId = first.data.case_id;
  meant(first.response.headers.get("location") === `${address}/v1/cases/${caseId}`, "where the case is");
  meant(again.response.headers.get("idempotent-replayed") === "true", "asked once");
  const yes = new URLSearchParams({ answer: "approve" });
  await fetch(await linkInMail("toko-baju@example.com"), { method: "POST", body: yes });
  const closed = await budi.GET("/v1/cases/{case_id}", { params: { path: { case_id: caseId } } });
  meant(closed.data?.outcome === "cancelled", "the order is cancelled");
  const wallet = await budi.GET("/v1/wallets/{buyer_id}", { params: { path: { buyer_id: "budi" } } });
  meant(wallet.data?.balance === 163000, "the money is back");
}

async function refused() {
  const ani = await caller({ sub: "ani", role: "buyer" });
  const seller = await caller({ sub: "dewi", role: "seller", seller_id: "toko-sepatu" });
  const asked = await ani.POST("/v1/orders/{order_id}/cancellations", {
    params: { path: { order_id: "LZD-1002" } },
    body: { reason_code: "changed_mind", channel: "web", accept_terms: true },
  });
  meant(asked.data !== undefined, "Ani asked");
  const path = { case_id: asked.data.case_id };
  const body = { reason_code: "already_shipped", tracking_number: "JNE-881" };
  const told = await seller.POST("/v1/cases/{case_id}/reject", { params: { path }, body });
  meant(told.data?.outcome === "rejected", "the seller refused");
  const second = await seller.POST("/v1/cases/{case_id}/reject", { params: { path }, body });
  meant(second.response.status === 409 && second.error?.code === "already_decided", "once is enough");
}

async function heard() {
  const oms = await caller({ sub: "oms", role: "system" });
  const events = await oms.GET("/v1/events", { params: { query: { order_id: "LZD-1001" } } });
  meant(events.data?.items.some((event) => event.type === "order.cancelled") === true, "the order system heard");
}

await granted();
await refused();
await heard();
console.log("both stories, by the TypeScript client");
