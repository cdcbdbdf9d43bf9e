/**
 * Reactive primitives for managing state in WaveSurfer.
 * Signals notify synchronously; use batch() to coalesce. computed/effect
 * auto-track dependencies when no dependency array is given, and are
 * always disposable.
 */
let activeTracker = null;
let batchDepth = 0;
// Queue of not-yet-fired notifyAll closures, one per dirtied signal.
// pendingSet gives O(1) membership checks so re-dirtying an already-queued
// signal merges into its existing entry instead of pushing a duplicate.
const pendingQueue = [];
const pendingSet = new Set();
function scheduleNotification(notify) {
    if (pendingSet.has(notify))
        return;
    pendingSet.add(notify);
    pendingQueue.push(notify);
}
export function batch(fn) {
    batchDepth++;
    try {
        fn();
    }
    finally {
        batchDepth--;
        if (batchDepth === 0) {
            flushPending();
        }
    }
}
/**
 * Drain pendingQueue until empty. Runs under an elevated batchDepth so that
 * any set() triggered by a notification - e.g. one signal's subscriber
 * setting another signal, or a signal's own subscriber re-setting itself -
 * is queued rather than fired immediately.
 *
 * Draining LIFO (most-recently-queued first) means a cascading set()
 * triggered while flushing a later-queued entry reaches an earlier-queued,
 * not-yet-fired entry for the same signal in time to merge into it, instead
 * of that entry having already fired with a stale value and needing a
 * second, separate flush.
 *
 * A signal stays in pendingSet for the full duration of its own notify()
 * call, not just while it's queued. That way a same-signal reentrant set()
 * triggered from within its own subscribers - which notify()'s internal
 * notifying/settleAgain loop already settles to the final value - finds
 * itself still "pending" and is deduped by scheduleNotification, instead of
 * being re-queued for a redundant second delivery of the same final value.
 */
function flushPending() {
    batchDepth++;
    try {
        while (pendingQueue.length > 0) {
            const notify = pendingQueue.pop();
            notify();
            pendingSet.delete(notify);
        }
    }
    finally {
        batchDepth--;
    }
}
export function signal(initialValue) {
    let _value = initialValue;
    const subscribers = new Set();
    let notifying = false;
    let settleAgain = false;
    const notifyAll = () => {
        if (notifying) {
            settleAgain = true;
            return;
        }
        notifying = true;
        try {
            do {
                settleAgain = false;
                const snapshot = [...subscribers];
                const valueAtStart = _value;
                for (const fn of snapshot) {
                    try {
                        fn(valueAtStart);
                    }
                    catch (err) {
                        console.error('Signal subscriber error:', err);
                    }
                    // A subscriber changed the value again; abort this pass, the
                    // settle loop delivers the newer value to everyone
                    if (!Object.is(_value, valueAtStart)) {
                        settleAgain = true;
                        break;
                    }
                }
            } while (settleAgain);
        }
        finally {
            notifying = false;
        }
    };
    const self = {
        get value() {
            activeTracker === null || activeTracker === void 0 ? void 0 : activeTracker.add(self);
            return _value;
        },
        set(newValue) {
            if (Object.is(_value, newValue))
                return;
            _value = newValue;
            if (batchDepth > 0) {
                scheduleNotification(notifyAll);
            }
            else {
                notifyAll();
            }
        },
        update(fn) {
            this.set(fn(_value));
        },
        subscribe(callback) {
            subscribers.add(callback);
            return () => subscribers.delete(callback);
        },
    };
    return self;
}
/** Run fn, recording which signals it reads. Returns [result, dependencies]. */
function track(fn) {
    const previousTracker = activeTracker;
    const deps = new Set();
    activeTracker = deps;
    try {
        return [fn(), deps];
    }
    finally {
        activeTracker = previousTracker;
    }
}
export function computed(fn, dependencies) {
    const result = signal(undefined);
    let unsubscribes = [];
    let disposed = false;
    // Unsubscribe fns for every callback subscribed via the readonly wrapper,
    // so dispose() can release them from `result`'s own subscriber set -
    // otherwise the underlying signal keeps every subscriber closure alive
    // for as long as the signal itself lives, well past dispose().
    const resultUnsubs = new Set();
    const recompute = () => {
        if (disposed)
            return;
        if (dependencies) {
            result.set(fn());
        }
        else {
            // Auto-tracked: re-collect dependencies on every run so
            // conditional reads stay correct
            unsubscribes.forEach((unsub) => unsub());
            const [value, deps] = track(fn);
            unsubscribes = [...deps].map((dep) => dep.subscribe(recompute));
            result.set(value);
        }
    };
    if (dependencies) {
        unsubscribes = dependencies.map((dep) => dep.subscribe(recompute));
        result.set(fn());
    }
    else {
        recompute();
    }
    const dispose = () => {
        disposed = true;
        unsubscribes.forEach((unsub) => unsub());
        unsubscribes = [];
        resultUnsubs.forEach((unsub) => unsub());
        resultUnsubs.clear();
    };
    const readonly = {
        get value() {
            // Propagate tracking so computeds can nest
            activeTracker === null || activeTracker === void 0 ? void 0 : activeTracker.add(readonly);
            return result.value;
        },
        subscribe: (callback) => {
            const unsub = result.subscribe(callback);
            resultUnsubs.add(unsub);
            return () => {
                resultUnsubs.delete(unsub);
                unsub();
            };
        },
        dispose,
    };
    // Duck-typed disposal used by event-streams' cleanup()
    Object.defineProperty(readonly, '_cleanup', { value: dispose, enumerable: false });
    // Debug-only: number of live result subscribers, for leak tests. Not part
    // of the public ComputedSignal interface.
    Object.defineProperty(readonly, '_subscriberCount', { value: () => resultUnsubs.size, enumerable: false });
    return readonly;
}
export function effect(fn, dependencies) {
    let cleanup;
    let unsubscribes = [];
    let disposed = false;
    const run = () => {
        if (disposed)
            return;
        if (cleanup) {
            try {
                cleanup();
            }
            catch (err) {
                console.error('Effect cleanup error:', err);
            }
            cleanup = undefined;
        }
        if (dependencies) {
            cleanup = fn();
        }
        else {
            unsubscribes.forEach((unsub) => unsub());
            const [result, deps] = track(fn);
            unsubscribes = [...deps].map((dep) => dep.subscribe(run));
            cleanup = result;
        }
    };
    if (dependencies) {
        unsubscribes = dependencies.map((dep) => dep.subscribe(run));
    }
    run();
    return () => {
        disposed = true;
        if (cleanup) {
            try {
                cleanup();
            }
            catch (err) {
                console.error('Effect cleanup error:', err);
            }
            cleanup = undefined;
        }
        unsubscribes.forEach((unsub) => unsub());
        unsubscribes = [];
    };
}
