/**
 * Centralized reactive state for WaveSurfer
 *
 * This module provides a single source of truth for all WaveSurfer state.
 * State is managed using reactive signals that automatically notify subscribers.
 */
import { signal, computed } from '../reactive/store.js';
/**
 * Create a new WaveSurfer state instance
 *
 * @param playerSignals - Optional signals from Player to compose with WaveSurfer state
 *
 * @example
 * ```typescript
 * // Without Player signals (standalone)
 * const { state, actions } = createWaveSurferState()
 *
 * // With Player signals (composed)
 * const { state, actions } = createWaveSurferState({
 *   isPlaying: player.isPlayingSignal,
 *   currentTime: player.currentTimeSignal,
 *   // ...
 * })
 *
 * // Read state
 * console.log(state.isPlaying.value)
 *
 * // Update state
 * actions.setPlaying(true)
 *
 * // Subscribe to changes
 * state.isPlaying.subscribe(playing => {
 *   console.log('Playing:', playing)
 * })
 * ```
 */
export function createWaveSurferState(playerSignals) {
    var _a, _b, _c, _d, _e, _f, _g;
    // Use Player signals if provided, otherwise create new ones
    const currentTime = (_a = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.currentTime) !== null && _a !== void 0 ? _a : signal(0);
    const duration = (_b = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.duration) !== null && _b !== void 0 ? _b : signal(0);
    const isPlaying = (_c = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.isPlaying) !== null && _c !== void 0 ? _c : signal(false);
    const isSeeking = (_d = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.isSeeking) !== null && _d !== void 0 ? _d : signal(false);
    const volume = (_e = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.volume) !== null && _e !== void 0 ? _e : signal(1);
    const muted = (_f = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.muted) !== null && _f !== void 0 ? _f : signal(false);
    const playbackRate = (_g = playerSignals === null || playerSignals === void 0 ? void 0 : playerSignals.playbackRate) !== null && _g !== void 0 ? _g : signal(1);
    // WaveSurfer-specific signals (not in Player)
    const audioBuffer = signal(null);
    const peaks = signal(null);
    const url = signal('');
    const zoom = signal(0);
    const scrollPosition = signal(0);
    const loadPhase = signal('idle');
    // Computed values (derived state)
    const isPaused = computed(() => !isPlaying.value, [isPlaying]);
    const canPlay = computed(() => audioBuffer.value !== null, [audioBuffer]);
    const isReady = computed(() => {
        return canPlay.value && duration.value > 0;
    }, [canPlay, duration]);
    // Historical alias of currentTime -- kept as-is (public API), not currentTime's inverse or a distinct value.
    const progress = computed(() => currentTime.value, [currentTime]);
    const progressPercent = computed(() => {
        return duration.value > 0 ? currentTime.value / duration.value : 0;
    }, [currentTime, duration]);
    const computeds = [isPaused, canPlay, isReady, progress, progressPercent];
    // Public read-only state
    const state = {
        currentTime,
        duration,
        isPlaying,
        isPaused,
        isSeeking,
        volume,
        muted,
        playbackRate,
        audioBuffer,
        peaks,
        url,
        zoom,
        scrollPosition,
        loadPhase,
        canPlay,
        isReady,
        progress,
        progressPercent,
    };
    // Actions that modify state.
    //
    // setCurrentTime/setDuration/setPlaying/setSeeking/setVolume/setPlaybackRate
    // (marked @internal on WaveSurferActions above) have no caller in
    // WaveSurfer's own wiring: when playerSignals are supplied, WaveSurfer
    // writes to the composed currentTime/duration/isPlaying/isSeeking/volume
    // signals exclusively through Player (media events -> Player's own
    // signals, which ARE these signals by reference -- see PlayerSignals).
    // They're kept, not deleted, because they're part of this module's
    // standalone/direct-use public contract (see the dedicated test coverage
    // in wavesurfer-state.test.ts) independent of the WaveSurfer integration.
    const actions = {
        setCurrentTime: (time) => {
            const clampedTime = Math.max(0, Math.min(duration.value || Infinity, time));
            currentTime.set(clampedTime);
        },
        setDuration: (d) => {
            duration.set(Math.max(0, d));
        },
        setPlaying: (playing) => {
            isPlaying.set(playing);
        },
        setSeeking: (seeking) => {
            isSeeking.set(seeking);
        },
        setVolume: (v) => {
            const clampedVolume = Math.max(0, Math.min(1, v));
            volume.set(clampedVolume);
        },
        setPlaybackRate: (rate) => {
            const clampedRate = Math.max(0.1, Math.min(16, rate));
            playbackRate.set(clampedRate);
        },
        setAudioBuffer: (buffer) => {
            audioBuffer.set(buffer);
            if (buffer) {
                // Don't clobber an already-valid duration (e.g. reported by media
                // metadata) with the AudioBuffer's duration, which can differ
                // fractionally due to sample-rate resampling or encoder padding.
                // Mirrors the media-first precedence in WaveSurfer.getDuration().
                const current = duration.value;
                if (current === 0 || Number.isNaN(current) || current === Infinity) {
                    duration.set(buffer.duration);
                }
            }
        },
        setPeaks: (p) => {
            peaks.set(p);
        },
        setUrl: (u) => {
            url.set(u);
        },
        setZoom: (z) => {
            zoom.set(Math.max(0, z));
        },
        setScrollPosition: (pos) => {
            scrollPosition.set(Math.max(0, pos));
        },
        setLoadPhase: (phase) => {
            loadPhase.set(phase);
        },
    };
    const dispose = () => {
        computeds.forEach((c) => c.dispose());
    };
    return { state, actions, dispose };
}
