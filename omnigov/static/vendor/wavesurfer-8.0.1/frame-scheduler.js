/**
 * Owns a single RAF loop; multiple start() calls share one loop. Replaces
 * WaveSurfer's Timer wiring: the loop's stop() is registered on the given
 * Scope so scope disposal always tears it down, and start()'s first tick
 * fires synchronously (matching Timer.start()'s behavior) so the first
 * timeupdate/audioprocess emission stays synchronous with play().
 */
export class FrameScheduler {
    constructor(scope) {
        this.frameId = null;
        this.callback = null;
        this.isRunning = false;
        scope.add(() => this.stop());
    }
    get running() {
        return this.isRunning;
    }
    start(callback) {
        this.callback = callback;
        if (this.isRunning)
            return;
        this.isRunning = true;
        const tick = () => {
            var _a;
            if (!this.isRunning)
                return;
            // Schedule the next frame BEFORE running the callback: a throwing
            // subscriber must not kill the loop (isRunning would stay true, blocking
            // any restart). The exception still propagates to the caller/RAF task so
            // it stays visible for debugging; a stop() from inside the callback
            // cancels the frame just scheduled here via cancelAnimationFrame.
            this.frameId = requestAnimationFrame(tick);
            (_a = this.callback) === null || _a === void 0 ? void 0 : _a.call(this);
        };
        // Replicate Timer's synchronous first tick so event timing stays identical.
        tick();
    }
    stop() {
        this.isRunning = false;
        if (this.frameId !== null) {
            cancelAnimationFrame(this.frameId);
            this.frameId = null;
        }
    }
}
