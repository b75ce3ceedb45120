const { AwsClient } = require("aws4fetch");

const client = new AwsClient({ accessKeyId: "k1", secretAccessKey: "s1" });
module.exports = client.sign("https://connect.eu-west-1.amazonaws.com/contact/outbound-voice", { method: "PUT", body: "{}" });
