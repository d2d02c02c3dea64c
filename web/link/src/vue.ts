/** A Vue component: mounts with its `<div>`, follows its props and listeners, and leaves with it. */
import { defineComponent, h, onBeforeUnmount, onMounted, shallowRef, watch, type PropType } from "vue";
import { mount } from "./index";
import type { CodatLinkProps, MountedLink } from "./types";

/** A prop of that name; `@close` is `onClose` to Vue. */
const named = <Name extends keyof CodatLinkProps>(type: FunctionConstructor | ObjectConstructor | StringConstructor) => ({
  type: type as unknown as PropType<NonNullable<CodatLinkProps[Name]>>,
});

export const Link = defineComponent({
  name: "MoorlineLink",
  props: {
    companyId: { type: String, required: true },
    accessToken: named<"accessToken">(String),
    getAccessToken: named<"getAccessToken">(Function),
    onClose: named<"onClose">(Function),
    onConnection: named<"onConnection">(Function),
    onConnectionStarted: named<"onConnectionStarted">(Function),
    onConsent: named<"onConsent">(Function),
    onError: named<"onError">(Function),
    onFinish: named<"onFinish">(Function),
    /** Read once, at mount. */
    options: named<"options">(Object),
  },
  setup(given) {
    const target = shallowRef<HTMLElement>();
    let mounted: MountedLink | undefined;
    // `update` must not meet options again, and props that aren't set are undefined here.
    const props = ({ options, ...others }: typeof given) => others as CodatLinkProps;
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
