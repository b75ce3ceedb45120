/** A push of mixcom's: the document's own, with whole numbers and a reference. */
export const PUSH = (count) =>
  `{"event":"fee","callIdentifier":"CAE-20200302174758-${count}","bindNum":"+8697171400000","caller":"+8613037200001","callee":"+8617607090002",` +
  '"Duration":10,"callerStartTime":"2020-03-02 17:48:07","callerAlertingTime":"2020-03-02 17:48:12","callerAnswerTime":"2020-03-02 17:48:15",' +
  '"ulFailReason":0,"calleeStartTime":"2020-03-02 17:47:58","calleeAlertingTime":"2020-03-02 17:48:04","calleeAnswerTime":"2020-03-02 17:48:07",' +
  `"callEndTime":"2020-03-02 17:48:17","isRecord":1,"recordUrl":"http://v-record.mixcom.cn/${count}.wav","uuid":"order-${count}"}`;
