import { AwsClient } from "aws4fetch";

const client = new AwsClient({ accessKeyId: "k1", secretAccessKey: "s1" });
await client.sign("https://connect.eu-west-1.amazonaws.com/contact/outbound-voice", { method: "PUT", body: "{}" });
