var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};
var __rest = (this && this.__rest) || function (s, e) {
    var t = {};
    for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p) && e.indexOf(p) < 0)
        t[p] = s[p];
    if (s != null && typeof Object.getOwnPropertySymbols === "function")
        for (var i = 0, p = Object.getOwnPropertySymbols(s); i < p.length; i++) {
            if (e.indexOf(p[i]) < 0 && Object.prototype.propertyIsEnumerable.call(s, p[i]))
                t[p[i]] = s[p[i]];
        }
    return t;
};
import { isHTMLElement } from './dom.js';
import * as utils from './renderer-utils.js';
import { createDragStream } from './reactive/drag-stream.js';
import { createScrollStream } from './reactive/scroll-stream.js';
import { computed, effect, signal } from './reactive/store.js';
import { Scope } from './scope.js';
const SMOOTH_SCROLL_FPS = 60;
const SMOOTH_SCROLL_MAX_DELTA = 10;
const LOW_ZOOM_PIXELS_PER_SECOND_THRESHOLD = SMOOTH_SCROLL_MAX_DELTA * SMOOTH_SCROLL_FPS;
class Renderer {
    constructor(options, audioElement) {
        // A signal (not a plain field) because visibleRange's auto-tracked computed
        // reads it: a scrollable transition (fit-to-width -> zoomed, or back) must
        // trigger a recompute even when nothing else changed that render -- e.g.
        // zoom() on the same audio leaves audioDuration untouched (Object.is
        // no-op), so a plain field here left visibleRange (and the lazy-render
        // effect subscribed to it) frozen with the dependency set collected on the
        // non-scrollable early-return branch.
        this.isScrollable = signal(false);
        this.audioData = null;
        this.lastContainerWidth = 0;
        this.isDragging = false;
        this.scope = new Scope();
        // Recreated (disposed + replaced) at the top of render()/reRender(), exactly
        // where `unsubscribeOnScroll.forEach(...); unsubscribeOnScroll = []` used to run.
        this.scrollRenderScope = this.scope.child();
        // Recreated at the top of render() only, matching the original
        // `timeouts.forEach(clear); timeouts = []` there. Each pending delay()
        // registers its cancellation on the delayScope current at call time, so
        // both the next render() pass and destroy() can cancel it.
        this.delayScope = this.scope.child();
        // Child of this.scope, created fresh in initDrag() and disposed+cleared in
        // disposeDrag(). Scoping the drag stream + its effect to their own child
        // (instead of registering their disposers straight onto this.scope) means
        // repeated setOptions({dragToSeek}) toggles dispose exactly what the last
        // initDrag() added -- a disposed child detaches itself from its parent, so
        // this.scope never accumulates stale disposers across toggles.
        this.dragScope = null;
        this.dragStream = null;
        this.scrollStream = null;
        this.containerInlinePadding = 0;
        this.audioDuration = signal(0);
        // Reactive surface (writables stay private; the public accessors below
        // expose them read-only). This is Renderer's only outward communication
        // channel: WaveSurfer's initRendererEvents() is the single bridge that
        // translates these signals into public WaveSurferEvents. Pointer/drag
        // signals always set a FRESH object per event, so signal.set()'s Object.is
        // dedup can never swallow two identical consecutive gestures (e.g. two
        // clicks at the same spot).
        this._clickSignal = signal(null);
        this._dblclickSignal = signal(null);
        this._dragEventsSignal = signal(null);
        // Monotonic counters, incremented exactly where the old 'render' /
        // 'rendered' / 'resize' events were emitted (renderedEpoch keeps the
        // async Promise.resolve().then timing).
        this._renderEpoch = signal(0);
        this._renderedEpoch = signal(0);
        this._resizeEpoch = signal(0);
        this.onClickWrapper = (e) => {
            const rect = this.wrapper.getBoundingClientRect();
            const [x, y] = utils.getRelativePointerPosition(rect, e.clientX, e.clientY);
            this._clickSignal.set({ relativeX: x, relativeY: y });
        };
        this.onDblClickWrapper = (e) => {
            const rect = this.wrapper.getBoundingClientRect();
            const [x, y] = utils.getRelativePointerPosition(rect, e.clientX, e.clientY);
            this._dblclickSignal.set({ relativeX: x, relativeY: y });
        };
        this.options = options;
        const parent = this.parentFromOptionsContainer(options.container);
        this.parent = parent;
        const [div, shadow] = this.initHtml();
        parent.appendChild(div);
        this.container = div;
        this.scrollContainer = shadow.querySelector('.scroll');
        this.wrapper = shadow.querySelector('.wrapper');
        this.canvasWrapper = shadow.querySelector('.canvases');
        this.progressWrapper = shadow.querySelector('.progress');
        this.cursor = shadow.querySelector('.cursor');
        this.calculateInlinePadding();
        if (audioElement) {
            shadow.appendChild(audioElement);
        }
        // initEvents() creates this.scrollStream, so visibleRange must be built
        // after it.
        this.initEvents();
        // Auto-tracked (no explicit dependency array): the early-return branch
        // reads only isScrollable + audioDuration, and a later transition to
        // scrollable re-collects the scrollStream.percentages dependency on the
        // recompute the isScrollable signal itself triggers. destroy() is
        // terminal (the instance is not reused), so the computed's disposal is
        // simply registered on this.scope.
        this.visibleRange = computed(() => {
            const duration = this.audioDuration.value;
            if (!this.isScrollable.value || duration === 0 || !this.scrollStream) {
                return { startTime: 0, endTime: duration };
            }
            const { startX, endX } = this.scrollStream.percentages.value;
            return { startTime: startX * duration, endTime: endX * duration };
        });
        this.scope.add(() => this.visibleRange.dispose());
    }
    parentFromOptionsContainer(container) {
        let parent;
        if (typeof container === 'string') {
            parent = document.querySelector(container);
        }
        else if (isHTMLElement(container)) {
            parent = container;
        }
        if (!parent) {
            throw new Error('Container not found');
        }
        return parent;
    }
    initEvents() {
        // Add a click listener
        this.scope.listen(this.wrapper, 'click', this.onClickWrapper);
        // Add a double click listener
        this.scope.listen(this.wrapper, 'dblclick', this.onDblClickWrapper);
        // Drag
        if (this.options.dragToSeek === true || typeof this.options.dragToSeek === 'object') {
            this.initDrag();
        }
        // Add a scroll listener using reactive stream. Consumers (the WaveSurfer
        // bridge) subscribe to the stream's signals directly via
        // getScrollSignals() -- no re-emit happens here.
        this.scrollStream = createScrollStream(this.scrollContainer);
        this.scrollSignals = { percentages: this.scrollStream.percentages, bounds: this.scrollStream.bounds };
        this.scope.add(() => {
            var _a;
            (_a = this.scrollStream) === null || _a === void 0 ? void 0 : _a.cleanup();
            this.scrollStream = null;
        });
        // Re-render the waveform on container resize
        if (typeof ResizeObserver === 'function') {
            const delay = this.createDelay(100);
            // The observer itself is scope-owned (createResizeObserver registers its
            // own disconnect on this.scope) -- no need to keep a field reference to
            // it here; nothing in this class ever read one.
            this.scope.createResizeObserver(this.scrollContainer, () => {
                delay()
                    .then(() => this.onContainerResize())
                    .catch(() => undefined);
            });
        }
    }
    onContainerResize() {
        var _a;
        // A container resize changes the scrollContainer's clientWidth (and
        // potentially scrollWidth) without dispatching a 'scroll' event -- refresh
        // unconditionally, even when the early-return below skips a full
        // re-render, so visibleRange never reports stale metrics.
        (_a = this.scrollStream) === null || _a === void 0 ? void 0 : _a.refresh();
        const width = this.parent.clientWidth;
        this.calculateInlinePadding();
        if (width === this.lastContainerWidth && this.options.height !== 'auto')
            return;
        this.lastContainerWidth = width;
        this.reRender();
        this._resizeEpoch.update((n) => n + 1);
    }
    initDrag() {
        // Don't initialize drag if it's already set up
        if (this.dragStream)
            return;
        const dragScope = this.scope.child();
        this.dragScope = dragScope;
        this.dragStream = createDragStream(this.wrapper);
        dragScope.add(() => {
            var _a;
            (_a = this.dragStream) === null || _a === void 0 ? void 0 : _a.cleanup();
            this.dragStream = null;
        });
        const unsubscribeDrag = effect(() => {
            const drag = this.dragStream.signal.value;
            if (!drag)
                return;
            const width = this.wrapper.getBoundingClientRect().width;
            const relX = utils.clampToUnit(drag.x / width);
            if (drag.type === 'start') {
                this.isDragging = true;
                this._dragEventsSignal.set({ type: 'start', relativeX: relX });
            }
            else if (drag.type === 'move') {
                this._dragEventsSignal.set({ type: 'move', relativeX: relX });
            }
            else if (drag.type === 'end') {
                this.isDragging = false;
                this._dragEventsSignal.set({ type: 'end', relativeX: relX });
            }
        }, [this.dragStream.signal]);
        dragScope.add(unsubscribeDrag);
    }
    /**
     * Tears down the drag stream + its effect by disposing their child scope
     * (see dragScope above), then clears the field so the next initDrag()
     * starts from a clean, freshly-created child of the current this.scope.
     * Safe to call when drag was never initialized (dragScope is null, or
     * already disposed from a prior destroy()) -- Scope#dispose() is a no-op
     * the second time.
     */
    disposeDrag() {
        var _a;
        (_a = this.dragScope) === null || _a === void 0 ? void 0 : _a.dispose();
        this.dragScope = null;
    }
    calculateInlinePadding() {
        const { paddingLeft, paddingRight } = getComputedStyle(this.scrollContainer);
        const padding = parseFloat(paddingLeft) + parseFloat(paddingRight);
        this.containerInlinePadding = Number.isNaN(padding) ? 0 : padding;
    }
    initHtml() {
        const div = document.createElement('div');
        const shadow = div.attachShadow({ mode: 'open' });
        const cspNonce = this.options.cspNonce && typeof this.options.cspNonce === 'string' ? this.options.cspNonce.replace(/"/g, '') : '';
        shadow.innerHTML = `
      <style${cspNonce ? ` nonce="${cspNonce}"` : ''}>
        :host {
          user-select: none;
          min-width: 1px;
        }
        :host audio {
          display: block;
          width: 100%;
        }
        :host .scroll {
          overflow-x: auto;
          overflow-y: hidden;
          width: 100%;
          position: relative;
        }
        :host .noScrollbar {
          scrollbar-color: transparent;
          scrollbar-width: none;
        }
        :host .noScrollbar::-webkit-scrollbar {
          display: none;
          -webkit-appearance: none;
        }
        :host .wrapper {
          position: relative;
          overflow: visible;
          z-index: 2;
        }
        :host .canvases {
          min-height: ${this.getHeight(this.options.height, this.options.splitChannels)}px;
          pointer-events: none;
        }
        :host .canvases > div {
          position: relative;
        }
        :host canvas {
          display: block;
          position: absolute;
          top: 0;
          image-rendering: pixelated;
        }
        :host .progress {
          pointer-events: none;
          position: absolute;
          z-index: 2;
          top: 0;
          left: 0;
          width: 0;
          height: 100%;
          overflow: hidden;
        }
        :host .progress > div {
          position: relative;
        }
        :host .cursor {
          pointer-events: none;
          position: absolute;
          z-index: 5;
          top: 0;
          left: 0;
          height: 100%;
          border-radius: 2px;
        }
      </style>

      <div class="scroll" part="scroll">
        <div class="wrapper" part="wrapper">
          <div class="canvases" part="canvases"></div>
          <div class="progress" part="progress"></div>
          <div class="cursor" part="cursor"></div>
        </div>
      </div>
    `;
        return [div, shadow];
    }
    /** Wavesurfer itself calls this method. Do not call it manually. */
    setOptions(options) {
        if (this.options.container !== options.container) {
            const newParent = this.parentFromOptionsContainer(options.container);
            newParent.appendChild(this.container);
            this.parent = newParent;
        }
        if (options.dragToSeek === true || typeof options.dragToSeek === 'object') {
            this.initDrag();
        }
        else {
            this.disposeDrag();
        }
        this.options = options;
        // Re-render the waveform
        this.reRender();
    }
    getWrapper() {
        return this.wrapper;
    }
    getWidth() {
        return this.scrollContainer.clientWidth - this.containerInlinePadding;
    }
    getScroll() {
        return this.scrollContainer.scrollLeft;
    }
    setScroll(pixels) {
        this.scrollContainer.scrollLeft = pixels;
    }
    setScrollPercentage(percent) {
        const { scrollWidth } = this.scrollContainer;
        const scrollStart = scrollWidth * percent;
        this.setScroll(scrollStart);
    }
    /**
     * The currently visible time range, derived from scroll position and
     * audio duration -- `{startTime: 0, endTime: duration}` when the waveform
     * isn't scrollable. Read-only; consumers (e.g. the timeline plugin) should
     * subscribe/effect off it rather than recomputing scroll math themselves.
     */
    getVisibleRange() {
        return this.visibleRange;
    }
    /**
     * Pointer clicks on the waveform, as a read-only signal. A fresh object is
     * set per click (initial value null before the first one), so subscribers
     * see every click even at identical coordinates.
     */
    get clickSignal() {
        return this._clickSignal;
    }
    /** Double clicks on the waveform; same shape and semantics as clickSignal. */
    get dblclickSignal() {
        return this._dblclickSignal;
    }
    /**
     * Drag gestures on the waveform ('start' -> 'move'* -> 'end'), a fresh
     * object per step; null before the first gesture.
     */
    get dragEventsSignal() {
        return this._dragEventsSignal;
    }
    /** Bumped on every render pass (the public 'redraw' event derives from it). */
    get renderEpoch() {
        return this._renderEpoch;
    }
    /** Bumped (async, microtask) when a render pass has fully drawn ('redrawcomplete'). */
    get renderedEpoch() {
        return this._renderedEpoch;
    }
    /** Bumped when a container resize triggered a re-render ('resize'). */
    get resizeEpoch() {
        return this._resizeEpoch;
    }
    /**
     * The scroll stream's derived signals: visible range as percentages
     * [0..1] and scroll bounds in pixels. Created with the renderer (in
     * initEvents, during construction); after destroy() the signals still
     * exist but go quiet.
     */
    getScrollSignals() {
        return this.scrollSignals;
    }
    destroy() {
        // Terminal: disposes the click/dblclick DOM listeners, the resize
        // observer, the scroll/drag streams, and visibleRange (all registered on
        // this.scope), removes the container, and releases the decoded audio
        // reference. The instance is not usable afterwards -- create a new
        // WaveSurfer instead of reusing a destroyed one.
        this.scope.dispose();
        this.audioData = null;
        this.container.remove();
    }
    createDelay(delayMs = 10) {
        let cancelTimeout;
        let cancelReject;
        let rejectFn;
        // Cancels the pending scope.timeout() (if any) and rejects its promise
        // (if still pending). Runs both when a new delay() call supersedes the
        // previous one and when the CURRENT delayScope is disposed (by the next
        // render() pass or destroy()) -- registered on delayScope below so scope
        // disposal triggers it just like the removed manual clearTimeout() did.
        const onClear = () => {
            cancelTimeout === null || cancelTimeout === void 0 ? void 0 : cancelTimeout();
            cancelTimeout = undefined;
            cancelReject === null || cancelReject === void 0 ? void 0 : cancelReject();
            cancelReject = undefined;
            if (rejectFn) {
                rejectFn();
                rejectFn = undefined;
            }
        };
        return () => {
            return new Promise((resolve, reject) => {
                // Cancel any pending delay from a previous call
                onClear();
                // Store reject function for cleanup
                rejectFn = reject;
                // Register on the CURRENT delayScope so the next render() pass and
                // destroy() can both cancel this pending delay
                cancelTimeout = this.delayScope.timeout(() => {
                    rejectFn = undefined;
                    cancelReject === null || cancelReject === void 0 ? void 0 : cancelReject();
                    cancelReject = undefined;
                    resolve();
                }, delayMs);
                cancelReject = this.delayScope.add(onClear);
            });
        };
    }
    getHeight(optionsHeight, optionsSplitChannel) {
        var _a;
        const numberOfChannels = ((_a = this.audioData) === null || _a === void 0 ? void 0 : _a.numberOfChannels) || 1;
        return utils.resolveChannelHeight({
            optionsHeight,
            optionsSplitChannels: optionsSplitChannel,
            parentHeight: this.parent.clientHeight,
            numberOfChannels,
            defaultHeight: utils.DEFAULT_HEIGHT,
        });
    }
    convertColorValues(color, ctx) {
        return utils.resolveColorValue(color, this.getPixelRatio(), ctx === null || ctx === void 0 ? void 0 : ctx.canvas.height);
    }
    getPixelRatio() {
        return utils.getPixelRatio(window.devicePixelRatio);
    }
    renderBarWaveform(channelData, options, ctx, vScale) {
        const { width, height } = ctx.canvas;
        const { halfHeight, barWidth, barRadius, barIndexScale, barSpacing, barMinHeight } = utils.calculateBarRenderConfig({
            width,
            height,
            length: (channelData[0] || []).length,
            options,
            pixelRatio: this.getPixelRatio(),
        });
        const segments = utils.calculateBarSegments({
            channelData,
            barIndexScale,
            barSpacing,
            barWidth,
            halfHeight,
            vScale,
            canvasHeight: height,
            barAlign: options.barAlign,
            barMinHeight,
        });
        ctx.beginPath();
        for (const segment of segments) {
            if (barRadius && 'roundRect' in ctx) {
                ;
                ctx.roundRect(segment.x, segment.y, segment.width, segment.height, barRadius);
            }
            else {
                ctx.rect(segment.x, segment.y, segment.width, segment.height);
            }
        }
        ctx.fill();
        ctx.closePath();
    }
    renderLineWaveform(channelData, _options, ctx, vScale) {
        const { width, height } = ctx.canvas;
        const paths = utils.calculateLinePaths({ channelData, width, height, vScale });
        ctx.beginPath();
        for (const path of paths) {
            if (!path.length)
                continue;
            ctx.moveTo(path[0].x, path[0].y);
            for (let i = 1; i < path.length; i++) {
                const point = path[i];
                ctx.lineTo(point.x, point.y);
            }
        }
        ctx.fill();
        ctx.closePath();
    }
    renderWaveform(channelData, options, ctx) {
        ctx.fillStyle = this.convertColorValues(options.waveColor, ctx);
        if (options.renderFunction) {
            options.renderFunction(channelData, ctx);
            return;
        }
        const vScale = utils.calculateVerticalScale({
            channelData,
            barHeight: options.barHeight,
            normalize: options.normalize,
            maxPeak: options.maxPeak,
        });
        if (utils.shouldRenderBars(options)) {
            this.renderBarWaveform(channelData, options, ctx, vScale);
            return;
        }
        this.renderLineWaveform(channelData, options, ctx, vScale);
    }
    renderSingleCanvas(data, options, width, height, offset, canvasContainer, progressContainer) {
        const pixelRatio = this.getPixelRatio();
        const canvas = document.createElement('canvas');
        canvas.width = Math.round(width * pixelRatio);
        canvas.height = Math.round(height * pixelRatio);
        canvas.style.width = `${width}px`;
        canvas.style.height = `${height}px`;
        canvas.style.left = `${Math.round(offset)}px`;
        canvasContainer.appendChild(canvas);
        const ctx = canvas.getContext('2d');
        if (options.renderFunction) {
            ctx.fillStyle = this.convertColorValues(options.waveColor, ctx);
            options.renderFunction(data, ctx);
        }
        else {
            this.renderWaveform(data, options, ctx);
        }
        // Draw a progress canvas
        if (canvas.width > 0 && canvas.height > 0) {
            const progressCanvas = canvas.cloneNode();
            const progressCtx = progressCanvas.getContext('2d');
            progressCtx.drawImage(canvas, 0, 0);
            // Set the composition method to draw only where the waveform is drawn
            progressCtx.globalCompositeOperation = 'source-in';
            progressCtx.fillStyle = this.convertColorValues(options.progressColor, progressCtx);
            // This rectangle acts as a mask thanks to the composition method
            progressCtx.fillRect(0, 0, canvas.width, canvas.height);
            progressContainer.appendChild(progressCanvas);
        }
    }
    renderMultiCanvas(channelData, options, width, height, canvasContainer, progressContainer) {
        const pixelRatio = this.getPixelRatio();
        const { clientWidth } = this.scrollContainer;
        const totalWidth = width / pixelRatio;
        const plan = utils.computeCanvasPlan({ clientWidth, totalWidth, options });
        let drawnIndexes = {};
        // Nothing to render
        if (plan.singleCanvasWidth === 0)
            return;
        // Draw a single canvas
        const draw = (index) => {
            const slot = plan.slots[index];
            if (!slot)
                return;
            if (drawnIndexes[index])
                return;
            drawnIndexes[index] = true;
            const data = utils.sliceChannelData({ channelData, offset: slot.offset, clampedWidth: slot.width, totalWidth });
            this.renderSingleCanvas(data, options, slot.width, height, slot.offset, canvasContainer, progressContainer);
        };
        // Clear canvases to avoid too many DOM nodes
        const clearCanvases = () => {
            if (utils.shouldClearCanvases(Object.keys(drawnIndexes).length)) {
                canvasContainer.innerHTML = '';
                progressContainer.innerHTML = '';
                drawnIndexes = {};
            }
        };
        // Render all canvases if the waveform doesn't scroll
        if (!this.isScrollable.value) {
            for (let i = 0; i < plan.numCanvases; i++) {
                draw(i);
            }
            return;
        }
        // Lazy rendering
        const initialRange = utils.getLazyRenderRange({
            scrollLeft: this.scrollContainer.scrollLeft,
            clientWidth,
            singleCanvasWidth: plan.singleCanvasWidth,
            numCanvases: plan.numCanvases,
        });
        initialRange.forEach((index) => draw(index));
        // Subscribe to visibleRange to draw additional canvases as the user
        // scrolls. visibleRange is the trigger; the DOM scrollLeft read below
        // stays the source of truth for the pixel math, unchanged from before.
        if (plan.numCanvases > 1) {
            const unsubscribe = effect(() => {
                // Re-read both scroll position and viewport width from the DOM per
                // pass -- the viewport can resize between scrolls.
                const { scrollLeft, clientWidth: viewportWidth } = this.scrollContainer;
                clearCanvases();
                utils
                    .getLazyRenderRange({
                    scrollLeft,
                    clientWidth: viewportWidth,
                    singleCanvasWidth: plan.singleCanvasWidth,
                    numCanvases: plan.numCanvases,
                })
                    .forEach((index) => draw(index));
            }, [this.visibleRange]);
            this.scrollRenderScope.add(unsubscribe);
        }
    }
    renderChannel(channelData, _a, width, channelIndex) {
        var { overlay } = _a, options = __rest(_a, ["overlay"]);
        // A container for canvases
        const canvasContainer = document.createElement('div');
        const height = this.getHeight(options.height, options.splitChannels);
        canvasContainer.style.height = `${height}px`;
        if (overlay && channelIndex > 0) {
            canvasContainer.style.marginTop = `-${height}px`;
        }
        this.canvasWrapper.style.minHeight = `${height}px`;
        this.canvasWrapper.appendChild(canvasContainer);
        // A container for progress canvases
        const progressContainer = canvasContainer.cloneNode();
        this.progressWrapper.appendChild(progressContainer);
        // Normalize against the WHOLE waveform once, not per canvas slice:
        // renderMultiCanvas hands each canvas a slice of the data, and computing
        // the peak from a slice would scale a quiet chunk to full height --
        // visible amplitude jumps at every canvas seam. The global peak also
        // spans all drawn channels (not just channel 0), so a hotter second
        // channel can no longer overflow its half of the canvas.
        if (options.normalize && options.maxPeak == null) {
            options = Object.assign(Object.assign({}, options), { maxPeak: utils.calculateGlobalPeak(channelData) });
        }
        // Render the waveform
        this.renderMultiCanvas(channelData, options, width, height, canvasContainer, progressContainer);
    }
    render(audioData) {
        return __awaiter(this, void 0, void 0, function* () {
            var _a, _b;
            // Clear previous timeouts
            this.delayScope.dispose();
            this.delayScope = this.scope.child();
            // Clear scroll subscriptions from previous render
            this.scrollRenderScope.dispose();
            this.scrollRenderScope = this.scope.child();
            // Clear the canvases
            this.canvasWrapper.innerHTML = '';
            this.progressWrapper.innerHTML = '';
            // Width. Always write the style: setOptions merges options, so a width
            // that was once set persists until the user passes an explicit
            // `width: undefined`/null -- which must clear the fixed width again and
            // revert to the default fill behavior.
            if (this.options.width != null) {
                this.scrollContainer.style.width =
                    typeof this.options.width === 'number' ? `${this.options.width}px` : this.options.width;
            }
            else {
                this.scrollContainer.style.width = '';
            }
            // Determine the width of the waveform
            const pixelRatio = this.getPixelRatio();
            const parentWidth = this.scrollContainer.clientWidth - this.containerInlinePadding;
            const { scrollWidth, isScrollable, useParentWidth, width } = utils.calculateWaveformLayout({
                duration: audioData.duration,
                minPxPerSec: this.options.minPxPerSec || 0,
                parentWidth,
                fillParent: this.options.fillParent,
                pixelRatio,
            });
            // Whether the container should scroll
            this.isScrollable.set(isScrollable);
            // Set the width of the wrapper
            this.wrapper.style.width = useParentWidth ? '100%' : `${scrollWidth}px`;
            // Set additional styles
            this.scrollContainer.style.overflowX = this.isScrollable.value ? 'auto' : 'hidden';
            this.scrollContainer.classList.toggle('noScrollbar', !!this.options.hideScrollbar);
            this.cursor.style.backgroundColor = `${this.options.cursorColor || this.options.progressColor}`;
            this.cursor.style.width = `${this.options.cursorWidth}px`;
            // Layout is now settled (wrapper width + scrollContainer overflow both
            // just set above): re-read the DOM's actual scroll metrics into
            // scrollStream so visibleRange (and any other percentages/bounds
            // consumer) reflects reality immediately, instead of staying pinned to
            // whatever scrollWidth/clientWidth existed when the stream was created
            // (construction time, or the previous render's layout) until the next
            // 'scroll' DOM event happens to fire.
            (_a = this.scrollStream) === null || _a === void 0 ? void 0 : _a.refresh();
            this.audioData = audioData;
            this.audioDuration.set(audioData.duration);
            this._renderEpoch.update((n) => n + 1);
            // Render the waveform
            if (this.options.splitChannels) {
                // Render a waveform for each channel
                for (let i = 0; i < audioData.numberOfChannels; i++) {
                    const options = Object.assign(Object.assign({}, this.options), (_b = this.options.splitChannels) === null || _b === void 0 ? void 0 : _b[i]);
                    this.renderChannel([audioData.getChannelData(i)], options, width, i);
                }
            }
            else {
                // Render a single waveform for the first two channels (left and right)
                const channels = [audioData.getChannelData(0)];
                if (audioData.numberOfChannels > 1)
                    channels.push(audioData.getChannelData(1));
                this.renderChannel(channels, this.options, width, 0);
            }
            // Must be bumped asynchronously for backward compatibility (the public
            // 'redrawcomplete' event derives from this epoch)
            Promise.resolve().then(() => this._renderedEpoch.update((n) => n + 1));
        });
    }
    reRender() {
        this.scrollRenderScope.dispose();
        this.scrollRenderScope = this.scope.child();
        // Return if the waveform has not been rendered yet
        if (!this.audioData)
            return;
        // Remember the current cursor position
        const { scrollWidth } = this.scrollContainer;
        const { right: before } = this.progressWrapper.getBoundingClientRect();
        // Re-render the waveform
        this.render(this.audioData);
        // Adjust the scroll position so that the cursor stays in the same place
        if (!this.isScrollable.value && this.scrollContainer.scrollLeft) {
            this.scrollContainer.scrollLeft = 0;
        }
        else if (this.isScrollable.value && scrollWidth !== this.scrollContainer.scrollWidth) {
            const { right: after } = this.progressWrapper.getBoundingClientRect();
            const delta = utils.roundToHalfAwayFromZero(after - before);
            this.scrollContainer.scrollLeft += delta;
        }
    }
    zoom(minPxPerSec) {
        this.options.minPxPerSec = minPxPerSec;
        this.reRender();
    }
    scrollIntoView(progress, isPlaying = false) {
        var _a;
        const { scrollLeft, scrollWidth, clientWidth } = this.scrollContainer;
        const progressWidth = progress * scrollWidth;
        const startEdge = scrollLeft;
        const endEdge = scrollLeft + clientWidth;
        const middle = clientWidth / 2;
        if (this.isDragging) {
            // Scroll when dragging close to the edge of the viewport
            const minGap = 30;
            if (progressWidth + minGap > endEdge) {
                this.scrollContainer.scrollLeft += minGap;
            }
            else if (progressWidth - minGap < startEdge) {
                this.scrollContainer.scrollLeft -= minGap;
            }
        }
        else {
            if (progressWidth < startEdge || progressWidth > endEdge) {
                this.scrollContainer.scrollLeft = progressWidth - (this.options.autoCenter ? middle : 0);
            }
            // Keep the cursor centered when playing
            const center = progressWidth - scrollLeft - middle;
            if (isPlaying && this.options.autoCenter && center > 0) {
                const duration = (_a = this.audioData) === null || _a === void 0 ? void 0 : _a.duration;
                if (duration === undefined || duration <= 0) {
                    this.scrollContainer.scrollLeft += center;
                    return;
                }
                const pixelsPerSecond = scrollWidth / duration;
                if (pixelsPerSecond <= LOW_ZOOM_PIXELS_PER_SECOND_THRESHOLD) {
                    this.scrollContainer.scrollLeft += Math.min(center, SMOOTH_SCROLL_MAX_DELTA);
                }
                else {
                    this.scrollContainer.scrollLeft += center;
                }
            }
        }
    }
    renderProgress(progress, isPlaying) {
        if (isNaN(progress))
            return;
        const percents = progress * 100;
        this.canvasWrapper.style.clipPath = `polygon(${percents}% 0%, 100% 0%, 100% 100%, ${percents}% 100%)`;
        this.progressWrapper.style.width = `${percents}%`;
        this.cursor.style.left = `${percents}%`;
        this.cursor.style.transform = this.options.cursorWidth
            ? `translateX(-${progress * this.options.cursorWidth}px)`
            : '';
        // Only scroll if we have valid audio data to prevent race conditions during loading
        if (this.isScrollable.value && this.options.autoScroll && this.audioData && this.audioData.duration > 0) {
            this.scrollIntoView(progress, isPlaying);
        }
    }
    exportImage(format, quality, type) {
        return __awaiter(this, void 0, void 0, function* () {
            const canvases = this.canvasWrapper.querySelectorAll('canvas');
            if (!canvases.length) {
                throw new Error('No waveform data');
            }
            // Data URLs
            if (type === 'dataURL') {
                const images = Array.from(canvases).map((canvas) => canvas.toDataURL(format, quality));
                return Promise.resolve(images);
            }
            // Blobs
            return Promise.all(Array.from(canvases).map((canvas) => {
                return new Promise((resolve, reject) => {
                    canvas.toBlob((blob) => {
                        if (blob) {
                            resolve(blob);
                        }
                        else {
                            reject(new Error('Could not export image'));
                        }
                    }, format, quality);
                });
            }));
        });
    }
}
export default Renderer;
