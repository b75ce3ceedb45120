// Only the voice service: the package's main module would load every service there is.
import vms from "tencentcloud-sdk-nodejs/tencentcloud/services/vms/index.js";

new vms.vms.v20200902.Client({ credential: { secretId: "k1", secretKey: "s1" }, region: "ap-guangzhou" });
