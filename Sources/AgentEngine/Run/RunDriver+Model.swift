import AgentProtocol

/// What the model says.
extension RunDriver: ModelReceiver {
    func modelSaid(_ escaped: UnsafeRawBufferPointer) { take(escaped, .content) }

    func modelThought(_ escaped: UnsafeRawBufferPointer) { take(escaped, .reasoning) }

    private func take(_ escaped: UnsafeRawBufferPointer, _ flow: RunLog.Flow) {
        guard machine.said() else { return }
        if flow == .reasoning { bytesBesideText += escaped.count }
        guard log.text.count + bytesBesideText + escaped.count <= Limits.answerBytes else {
            return perform(machine.outgrown(Limits.answerBytes))
        }
        if !log.accepts(flow) { flush() }
        log.append(escaped, to: flow)
        if !isDirty {
            isDirty = true
            engine.dirty.append(self)
        }
    }

    func modelCalled(_ call: ToolCall) {
        guard machine.isAnswering else { return }
        bytesBesideText += ShownArguments(call.arguments, raw: call.rawArguments).bytes
        guard log.text.count + bytesBesideText <= Limits.answerBytes else {
            return perform(machine.outgrown(Limits.answerBytes))
        }
        perform(machine.toolCalled(call))
    }

    func modelReported(_ usage: Usage) { if machine.isAnswering { stepUsage = usage } }

    func modelKept(_ data: [UInt8]) { if machine.isAnswering { stepKept = data } }

    func modelEnded(_ reason: StopReason, providerReason: String?) {
        perform(machine.modelEnded(reason, providerReason: providerReason))
    }

    func modelFailed(_ error: ErrorRecord, retry: RetryAdvice) {
        callEnded()
        perform(machine.modelFailed(error, retry: retry, random: engine.environment.random()))
    }
}
