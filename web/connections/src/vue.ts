/** A Vue component: mounts with its `<div>`, follows its props and listeners, and leaves with it. */
import { defineComponent, h, onBeforeUnmount, onMounted, shallowRef, watch, type PropType } from "vue";
import { mount } from "./index";
import type { CodatConnectionsProps, MountedConnections } from "./types";

/** A prop of that name; `@close` is `onClose` to Vue. */
const named = <Name extends keyof CodatConnectionsProps>(type: FunctionConstructor | ObjectConstructor) => ({
  type: type as unknown as PropType<NonNullable<CodatConnectionsProps[Name]>>,
});

export const Connections = defineComponent({
  name: "MoorlineConnections",
  props: {
    accessToken: { type: String, required: true },
    getAccessToken: named<"getAccessToken">(Function),
    onClose: named<"onClose">(Function),
    onConnect: named<"onConnect">(Function),
    onDisconnect: named<"onDisconnect">(Function),
    onError: named<"onError">(Function),
    onReconnect: named<"onReconnect">(Function),
    /** Read once, at mount. */
    options: named<"options">(Object),
  },
  setup(given) {
    const target = shallowRef<HTMLElement>();
    let mounted: MountedConnections | undefined;
    // `update` must not meet options again, and props that aren't set are undefined here.
    const props = ({ options, ...others }: typeof given) => others as CodatConnectionsProps;
    onMounted(() => {
      mounted = mount(target.value!, { ...props(given), ...(given.options && { options: given.options }) });
    });
    watch(
      () => props({ ...given }),
      (change) => mounted?.update(change),
    );
    onBeforeUnmount(() => mounted?.destroy());
    return () => h("div", { ref: target });
  },
});
