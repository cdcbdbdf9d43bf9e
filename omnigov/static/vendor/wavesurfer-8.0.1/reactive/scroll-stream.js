/**
 * Reactive scroll stream utilities
 *
 * Provides declarative scroll handling using reactive streams.
 * Automatically handles scroll event optimization and cleanup.
 */
import { signal, computed } from './store.js';
// ============================================================================
// Pure Scroll Calculation Functions
// ============================================================================
/**
 * Calculate visible percentages from scroll data
 * Pure function - no side effects
 *
 * @param scrollData - Current scroll dimensions
 * @returns Start and end positions as percentages (0-1)
 */
export function calculateScrollPercentages(scrollData) {
    const { scrollLeft, scrollWidth, clientWidth } = scrollData;
    if (scrollWidth === 0) {
        return { startX: 0, endX: 1 };
    }
    const startX = scrollLeft / scrollWidth;
    const endX = (scrollLeft + clientWidth) / scrollWidth;
    return {
        startX: Math.max(0, Math.min(1, startX)),
        endX: Math.max(0, Math.min(1, endX)),
    };
}
/**
 * Calculate scroll bounds in pixels
 * Pure function - no side effects
 *
 * @param scrollData - Current scroll dimensions
 * @returns Left and right scroll bounds in pixels
 */
export function calculateScrollBounds(scrollData) {
    return {
        left: scrollData.scrollLeft,
        right: scrollData.scrollLeft + scrollData.clientWidth,
    };
}
/**
 * Create a reactive scroll stream from an element
 *
 * Emits scroll data as the user scrolls the element.
 * Automatically computes derived values (percentages, bounds).
 *
 * @example
 * ```typescript
 * const scrollStream = createScrollStream(container)
 *
 * effect(() => {
 *   const { startX, endX } = scrollStream.percentages.value
 *   console.log('Visible:', startX, 'to', endX)
 * }, [scrollStream.percentages])
 *
 * scrollStream.cleanup()
 * ```
 *
 * @param element - Scrollable element
 * @returns Scroll stream with signals and cleanup
 */
export function createScrollStream(element) {
    // Reads the element's current scroll metrics. Shared by the initial value,
    // the scroll event handler, and refresh() so all three stay in sync.
    const readScrollData = () => ({
        scrollLeft: element.scrollLeft,
        scrollWidth: element.scrollWidth,
        clientWidth: element.clientWidth,
    });
    // Create signals
    const scrollData = signal(readScrollData());
    // Computed derived values
    const percentages = computed(() => {
        return calculateScrollPercentages(scrollData.value);
    }, [scrollData]);
    const bounds = computed(() => {
        return calculateScrollBounds(scrollData.value);
    }, [scrollData]);
    // Update scroll data on scroll event
    const onScroll = () => {
        scrollData.set(readScrollData());
    };
    // Attach scroll listener
    element.addEventListener('scroll', onScroll, { passive: true });
    const refresh = () => {
        const next = readScrollData();
        const current = scrollData.value;
        // readScrollData() always returns a fresh object literal, so
        // scrollData.set(next) would always pass signal.set()'s Object.is
        // check (two distinct objects are never Object.is-equal) and always
        // notify, even when every field is identical to the current value --
        // making every call site (initial render, zoom, container resize; see
        // this function's doc comment) fire a spurious 'scroll' event downstream
        // and risking a re-render-triggers-refresh-triggers-notify recursion for
        // any consumer that re-renders from a scroll handler. Field-compare
        // first and only set() on a genuine change.
        if (current.scrollLeft === next.scrollLeft &&
            current.scrollWidth === next.scrollWidth &&
            current.clientWidth === next.clientWidth) {
            return;
        }
        scrollData.set(next);
    };
    // Cleanup function
    const cleanupFn = () => {
        element.removeEventListener('scroll', onScroll);
        percentages.dispose();
        bounds.dispose();
    };
    return {
        scrollData,
        percentages,
        bounds,
        refresh,
        cleanup: cleanupFn,
    };
}
