import { receive } from "./receive.cjs"; // export const receive = createReceiver({ … })

export const onRequest = ({ request }) => receive(request, { remoteAddress: request.eo?.clientIp });
