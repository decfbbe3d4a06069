exports.handler = async ({ name = "nobody" }) => ({ ok: true, greeting: `${process.env.GREETING}, ${name}` });
