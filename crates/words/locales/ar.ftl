### Arabic, in the modern standard.

## Every page

badge = محمي بواسطة Moorline
reference = المرجع
comma = ،{ " " }
sentence-end = .
error-in-title = خطأ: { $title }
problems = يُرجى إكمال ما يلي
not-now = ليس الآن
back = رجوع
beta = إصدار أولي
practice = للتدريب
try-again = إعادة المحاولة
close-simply = أو أغلق هذه النافذة فحسب.

## The start page

start-connect = ربط { $platform } مع { $client }
start-connected = { $platform } مرتبط
start-reconnect = إعادة ربط { $platform }
start-asks = يطلب <strong>{ $client }</strong> قراءة بيانات <strong>{ $company }</strong> من <strong>{ $platform }</strong>.
start-asks-writes = يطلب <strong>{ $client }</strong> قراءة بيانات <strong>{ $company }</strong> من <strong>{ $platform }</strong> وتعديلها هناك.
start-under-way = سبق أن توجّهت إلى { $platform }. يمكنك المتابعة هناك أو ترك الأمر.
start-works = هذا الربط يعمل. لا تتابع إلا إذا أردت تسجيل الدخول من جديد.
start-disconnected = سبق أن ألغيت هذا الربط؛ لا تُقرأ أي بيانات جديدة إلى أن تعيد الربط.
start-same-business = اختر { $business } مجددًا عندما يسألك { $platform }.
start-changed = تغيّر ما يطلبه { $client } منذ أن فتحت هذه الصفحة. يُرجى قراءته مجددًا قبل المتابعة.
start-proceed = المتابعة إلى { $platform }
start-leave-as-is = إبقاؤه كما هو
start-read-again = إعادة قراءة ما يطلبه { $client }
start-purpose = الغرض
start-reads = ما سيتمكن { $client } من قراءته
start-custom = وكذلك، بالأسماء التي يستخدمها { $client }
start-from-source = (من { $source })
start-business = و{ $business }.
start-writes = ما سيتمكن { $client } من تعديله
start-adds = إضافة جديد
start-changes = تعديل الموجود
start-adds-and-changes = إضافة جديد وتعديل الموجود
start-person = ما سيعرفه { $client } عنك
start-how-far = إلى أي تاريخ سابق، ومتى
start-further = من { $name } أيضًا:
start-lasts = مدة الوصول وما ينهيه
start-stays = ما يبقى بعد ذلك
start-who = صاحب الطلب
start-privacy-notice = إشعار الخصوصية
start-terms = الشروط
start-help = المساعدة
start-email = البريد الإلكتروني:
start-phone = الهاتف:
start-no-privacy-notice = لم يضع { $client } هنا رابطًا لإشعار خصوصية.
start-scopes = ما يُطلب من { $platform }، بعباراتها هي
start-step = الخطوة { $step } من { $steps }
start-sign-in = تسجيل الدخول إلى { $platform }
start-sign-in-there = هناك تختار الشركة وتوافق على مشاركة بياناتها.
start-password = تسجّل الدخول لدى { $platform } مباشرة. ولا يرى { $client } كلمة مرورك أبدًا.
start-only-read = تُقرأ البيانات ولا تُعدَّل أبدًا.
start-only-named = لا يُعدَّل شيء سوى ما ذُكر أعلاه.
start-any-time = يمكنك إلغاء الربط في أي وقت.
step-tick = اقرأ «{ $title }» وحدّد «{ $confirm }».
step-name = أكّد اسم شركتك
step-name-label = اسم الشركة
step-name-hint = كما هو مسجّل. صحّحه إن لم يكن صحيحًا.
step-name-missing = أدخل اسم شركتك.
step-name-long = أدخل اسمًا لا يتجاوز عدد أحرفه { $most }؛ عدد أحرف هذا الاسم { $count }.
way-others = طرق أخرى للربط
way-sign-in = تسجيل الدخول لدى { $platform }
typed-proceed = ربط { $platform }
typed-works = هذا الربط يعمل كما هو. لا تتابع إلا إذا أردت إدخال البيانات من جديد.
typed-same-business = استخدم بيانات الوصول الخاصة بـ { $business } مرة أخرى.
typed-example = مثلًا: { $example }
typed-missing = أدخل «{ $label }».
typed-form = يبدو أن «{ $label }» غير صحيح.
typed-unusable = «{ $label }» طويل جدًا أو فيه رموز لا يمكن إرسالها.
typed-refused = لم يقبل { $platform } ما أدخلته. لم يتغيّر شيء. تحقّق منه، ثم أدخل البيانات السرّية من جديد.
typed-not-reached = تعذّر سؤال { $platform } بما أدخلته. لم يتغيّر شيء. تحقّق منه أو أعد المحاولة بعد قليل.
typed-sealed = يُحفظ ما تدخله مشفّرًا، ولا يُستخدم إلا لما ذُكر أعلاه، ولا يُعرض مرة أخرى أبدًا.
certificate-make = إنشاء الشهادة
certificate-why = تُنشأ شهادة لهذا الربط. ويبقى مفتاحها الخاص هنا مشفّرًا.
certificate-download = تنزيل الشهادة
certificate-ends = وهي صالحة حتى { $date }.

## The times of reading

rhythm-once-clock = { $hours ->
    [one] تُقرأ البيانات فور موافقتك، ثم وفق جدول زمني (كل ساعة على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
    [two] تُقرأ البيانات فور موافقتك، ثم وفق جدول زمني (كل ساعتين على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
    [few] تُقرأ البيانات فور موافقتك، ثم وفق جدول زمني (كل { $hours } ساعات على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
   *[other] تُقرأ البيانات فور موافقتك، ثم وفق جدول زمني (كل { $hours } ساعة على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
}
rhythm-once = تُقرأ البيانات فور موافقتك، ثم كلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
rhythm-clock = { $hours ->
    [one] تُقرأ البيانات وفق جدول زمني (كل ساعة على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
    [two] تُقرأ البيانات وفق جدول زمني (كل ساعتين على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
    [few] تُقرأ البيانات وفق جدول زمني (كل { $hours } ساعات على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
   *[other] تُقرأ البيانات وفق جدول زمني (كل { $hours } ساعة على الأكثر)، وكلما طلب { $client } ذلك، إلى أن ينتهي الوصول.
}
rhythm-asked = تُقرأ البيانات كلما طلب { $client } ذلك، إلى أن ينتهي الوصول.

## The disclosure

business-read = اسم الشركة لدى { $platform } ورقمها هناك
purpose-unstated = لم يذكر { $client } هنا ما يستخدم البيانات من أجله. إن كنت لا تعرف ذلك، فاسأل { $client } قبل أن توافق.
history-months = { $count ->
    [one] الشهر الأخير
    [two] الشهران الأخيران
    [few] آخر { $count } أشهر
   *[other] آخر { $count } شهرًا
}
history-since = منذ { $date }
history-all = كل ما هو موجود
access-until-ended = يستمر الوصول إلى أن يُنهى.
access-days = يستمر الوصول لمدة { $time } على الأكثر، ثم على { $client } أن يطلب موافقتك مجددًا.
access-unused = إذا لم يُستخدم لمدة { $time }، تُنهيه { $platform }.
access-ends-there-too = يمكنك إلغاء الربط في أي وقت، حيث يعرض لك { $client } حساباتك المرتبطة أو بطلب ذلك من { $client }. ويُلغى الوصول عندئذ لدى { $platform } أيضًا.
access-ends-with-last = يمكنك إلغاء الربط في أي وقت، حيث يعرض لك { $client } حساباتك المرتبطة أو بطلب ذلك من { $client }. ويُلغى الوصول لدى { $platform } عند إلغاء ربط آخر شركة من الشركات المرتبطة به.
access-stays-listed = يمكنك إلغاء الربط في أي وقت، حيث يعرض لك { $client } حساباتك المرتبطة أو بطلب ذلك من { $client }. لا سبيل إلى إبلاغ { $platform }: قد يبقى { $client } مذكورًا هناك إلى أن تزيله.
access-erased = يمكنك إلغاء الربط في أي وقت، حيث يعرض لك { $client } حساباتك المرتبطة أو بطلب ذلك من { $client }. عندئذ يُمحى من هنا ما أُدخل أو أُنشئ لأجله. لا سبيل إلى إبلاغ { $platform }: لإنهاء الوصول هناك أيضًا افعل ما يلي.
access-taken-back = يمكنك أيضًا سحب الوصول لدى { $platform } مباشرة.
stays-not = يحذف { $client } البيانات فور انتهاء الوصول.
stays-days = يحتفظ { $client } بالبيانات لمدة { $time } بعد انتهاء الوصول.
stays-unstated = لا تُقرأ أي بيانات جديدة بعد انتهاء الوصول. وما قُرئ حتى ذلك الحين يبقى لدى { $client }، الذي لم يذكر هنا مدة ذلك: اطلب من { $client } حذفه.
span-none = فورًا
span-days = { $count ->
    [one] يوم واحد
    [two] يومين
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
span-years = { $count ->
    [one] سنة واحدة
    [two] سنتين
    [few] { $count } سنوات
   *[other] { $count } سنة
}
missing-reads = قراءة { $names }
missing-history = قراءة { $names } من تاريخ أقدم
missing-writes = إضافة { $names } أو تعديلها

## Kinds of data, and data types

group-business = بيانات الشركة
group-books = الحسابات ومسك الدفاتر
group-sales = المبيعات
group-purchases = المشتريات
group-bank = الحسابات المصرفية
group-reports = التقارير
group-shop = المتجر
group-orders = الطلبات والمدفوعات
type-company = بيانات الاتصال
type-tax-rates = نسب الضريبة
type-payment-methods = طرق الدفع
type-chart-of-accounts = دليل الحسابات
type-journal-entries = قيود اليومية
type-journals = دفاتر اليومية
type-account-transactions = حركات الحسابات
type-tracking-categories = فئات التقارير
type-transfers = التحويلات بين الحسابات
type-customers = العملاء
type-invoices = فواتير المبيعات
type-credit-notes = إشعارات دائنة
type-payments = المدفوعات المستلمة
type-direct-incomes = الإيرادات المباشرة
type-sales-orders = أوامر البيع
type-items = الأصناف
type-suppliers = الموردون
type-bills = فواتير المشتريات
type-bill-credit-notes = إشعارات دائنة من الموردين
type-bill-payments = المدفوعات للموردين
type-direct-costs = المصروفات المباشرة
type-item-receipts = البضائع المستلمة
type-purchase-orders = أوامر الشراء
type-bank-accounts = الحسابات المصرفية
type-bank-transactions = المعاملات المصرفية
type-account-balances = الأرصدة
type-transaction-categories = فئات المعاملات
type-balance-sheet = الميزانية العمومية
type-profit-and-loss = الأرباح والخسائر
type-cash-flow-statement = التدفقات النقدية
type-locations = الفروع
type-products = المنتجات
type-product-categories = فئات المنتجات
type-commerce-customers = العملاء
type-orders = الطلبات
type-commerce-payments = المدفوعات
type-transactions = التحويلات إلى البنك
type-disputes = المدفوعات المتنازع عليها
detail-identifier = رقم حسابك هناك
detail-profile = اسمك وملفك الشخصي
detail-email = عنوان بريدك الإلكتروني
detail-phone = رقم هاتفك
detail-address = عنوانك البريدي

## The overview

overview-title = الحسابات المرتبطة لدى { $company }
overview-heading = اربط منصاتك
overview-asks = يطلب <strong>{ $client }</strong> بيانات من <strong>{ $company }</strong>. اختر المكان الذي تحتفظ بها فيه. وقبل مشاركة أي شيء ترى ما سيُقرأ هناك وهل سيُعدَّل شيء.
overview-yours = حساباتك المرتبطة
overview-reconnect = إعادة الربط
overview-choose = اختر منصة
overview-another = ربط منصة أخرى
overview-none = لا تتوفر لدى { $client } أي منصة للاختيار حاليًا. يُرجى إبلاغ { $client } أو العودة لاحقًا.
overview-not-listed = منصتي ليست في القائمة
overview-which = ما المنصة التي تستخدمها؟
overview-tell = إبلاغ { $client }
overview-back = العودة إلى { $client }
overview-closed = { $platform } مرتبط. يمكن ربط برنامج محاسبة واحد فقط في كل مرة: للانتقال إلى غيره، ألغِ ربط { $platform } أولًا.
overview-connected = مرتبط
overview-connected-since = مرتبط منذ { $date }
overview-disconnected = غير مرتبط
overview-nothing-new = لا تُقرأ أي بيانات جديدة.
kind-accounting = المحاسبة
kind-accounting-has = الفواتير والمصروفات والعملاء والموردون والتقارير
kind-banking = البنوك
kind-banking-has = الحسابات والأرصدة والمعاملات
kind-commerce = التجارة
kind-commerce-has = الطلبات والمنتجات والمدفوعات والتحويلات
attention = يحتاج إلى انتباهك
attention-expired = انتهت صلاحية الإذن الذي منحته لدى { $platform }.
attention-lost = فُقد الوصول إلى { $platform } من جهتنا.
attention-ended = لم يعد { $platform } يسمح بالوصول.

## The choice of a business

choose-title = اختيار شركة
choose-heading = أي شركة تريد ربطها؟
choose-given = { $count ->
    [one] منحت الوصول إلى شركة واحدة لدى <strong>{ $platform }</strong>. يقرأ <strong>{ $client }</strong> بياناتها على أنها بيانات <strong>{ $company }</strong>.
    [two] منحت الوصول إلى شركتين لدى <strong>{ $platform }</strong>. يقرأ <strong>{ $client }</strong> بيانات إحداهما على أنها بيانات <strong>{ $company }</strong>.
    [few] منحت الوصول إلى { $count } شركات لدى <strong>{ $platform }</strong>. يقرأ <strong>{ $client }</strong> بيانات إحداها على أنها بيانات <strong>{ $company }</strong>.
   *[other] منحت الوصول إلى { $count } شركة لدى <strong>{ $platform }</strong>. يقرأ <strong>{ $client }</strong> بيانات إحداها على أنها بيانات <strong>{ $company }</strong>.
}
choose-legend = الشركة
choose-before = كانت مرتبطة من قبل
choose-number = رقم ينتهي بـ { $end }
choose-proceed = ربط هذه الشركة
choose-missing = اختر إحدى الشركات.
choose-lacks = لا يحق لهذا المستخدم رؤية كل شيء
choose-lacks-why = يطلب { $client } أكثر مما يحق للمستخدم الذي سجّل الدخول لدى { $platform } رؤيته. تنقصه هذه الأذونات:
choose-lacks-then = اطلب هذه الأذونات من أحد مديري { $platform } ثم تحقّق من جديد. أو اربط من دونها: ما لا يحق للمستخدم رؤيته يُترك.
choose-lacks-again = التحقّق من جديد
several-title = اختيار الشركات
several-heading = أي الشركات تريد ربطها؟
several-given = { $count ->
    [one] لقد منحت الوصول إلى شركة واحدة لدى <strong>{ $platform }</strong>. كل شركة تبقى محددة تُشارَك مع <strong>{ $client }</strong> على حدة: يمكنك فصل إحداها والإبقاء على البقية. أما الوصول لدى <strong>{ $platform }</strong> نفسه فيُعاد عند فصل آخر شركة.
    [two] لقد منحت الوصول إلى شركتين لدى <strong>{ $platform }</strong>. كل شركة تبقى محددة تُشارَك مع <strong>{ $client }</strong> على حدة: يمكنك فصل إحداها والإبقاء على البقية. أما الوصول لدى <strong>{ $platform }</strong> نفسه فيُعاد عند فصل آخر شركة.
    [few] لقد منحت الوصول إلى { $count } شركات لدى <strong>{ $platform }</strong>. كل شركة تبقى محددة تُشارَك مع <strong>{ $client }</strong> على حدة: يمكنك فصل إحداها والإبقاء على البقية. أما الوصول لدى <strong>{ $platform }</strong> نفسه فيُعاد عند فصل آخر شركة.
   *[other] لقد منحت الوصول إلى { $count } شركة لدى <strong>{ $platform }</strong>. كل شركة تبقى محددة تُشارَك مع <strong>{ $client }</strong> على حدة: يمكنك فصل إحداها والإبقاء على البقية. أما الوصول لدى <strong>{ $platform }</strong> نفسه فيُعاد عند فصل آخر شركة.
}
several-legend = الشركات
several-connected = مرتبطة بالفعل
several-proceed = ربط ما تم تحديده
several-missing = حدّد شركة واحدة على الأقل.
several-again = سبق ربط بعض هذه الشركات. أعد ربط كل منها من ارتباطها الخاص لدى { $client } حتى يبقى الارتباط نفسه.
several-most = حدّد { $most } شركة على الأكثر: لا يمكن ربط أكثر من ذلك دفعة واحدة.
twice-heading = { $business } مرتبطة بالفعل
twice-shares = تشارك <strong>{ $business }</strong> بياناتها في { $platform } مع <strong>{ $client }</strong>. لم يتغيّر شيء بعد.
twice-shares-since = تشارك <strong>{ $business }</strong> بياناتها في { $platform } مع <strong>{ $client }</strong> منذ { $date }. لم يتغيّر شيء بعد.
twice-leave = إبقاؤه كما هو
twice-other = اختيار شركة أخرى لدى { $platform }
twice-again = ربطها مرة ثانية
twice-then = إذا رُبطت مرة ثانية، يتلقى { $client } البيانات نفسها مرتين.
different-title = اختيرت شركة مختلفة
different-heading = هذه شركة مختلفة
different-chosen = هذا الربط يخص <strong>{ $before }</strong>. لدى { $platform } اخترت <strong>{ $now }</strong>. لم يتغيّر شيء بعد.
different-another = شركة أخرى
different-occupied = { $platform } مرتبط، ويمكن ربط برنامج محاسبة واحد فقط في كل مرة. لربط { $now }، ألغِ ربط { $platform } أولًا.
different-back = الرجوع واختيار { $before }
different-new = إضافة { $now } كربط جديد
different-leave = إبقاء كل شيء كما كان
different-then = كربط جديد، تشارك { $now } بياناتها مع { $client } أيضًا. ويبقى ربط { $before } كما هو.

## Endings

end-why = السبب
end-why-refused = لم يقبل { $platform } تسجيل الدخول. يُرجى البدء من جديد.
end-why-changed = رُبط شيء آخر أو تغيّر في هذه الأثناء. اطّلع على حساباتك المرتبطة ثم أعد المحاولة.
end-why-late = استغرق تسجيل الدخول أكثر من ساعة، أو لم تُختر شركة خلال ساعة. يُرجى إعادة الربط.
end-why-unreachable = تعذّر الوصول إلى { $platform } أو قراءة ردّها. يُرجى الانتظار قليلًا ثم إعادة المحاولة.
end-why-unconfirmed = لم يؤكد { $client } في الوقت المناسب أنك من قام بذلك، لذا لم يُشارَك شيء. يُرجى البدء من جديد من { $client }.
end-why-other = حدث خطأ في الطريق. وإذا تكرر ذلك، فأبلغ بالمرجع أدناه.
end-overview = عرض كل حساباتك المرتبطة
end-linked = تم ربط { $platform }
end-shares = تشارك { $business } الآن بياناتها في { $platform } مع { $client }.
end-shares-several = أصبحت { $businesses } تشارك بياناتها في { $platform } مع { $client }.
end-sharing = عرض ما تشاركه أو إيقافه
end-receipt = عرض إيصالك
end-done = انتهيت، ويمكنك إغلاق هذه النافذة.
end-left-out = لم تسمح { $platform } بكل ما طلبه { $client }. ما استُبعد حاليًا: { $parts }.
end-unchanged = لم يتغيّر شيء
end-stays = يبقى { $platform } مرتبطًا كما كان.
end-not-connected = لم يُربط { $platform }، ولم يُشارَك شيء مع { $client }.
end-after-all = ربط { $platform } رغم ذلك
end-nothing-new = لم يُشارَك شيء جديد مع { $client }.
end-held = خطوة أخيرة
end-held-until = يجب أن يؤكد { $client } أنك من قام بذلك. عد إلى { $client } وأكمل هناك. وحتى ذلك الحين، ومن دونه، لا يُشارَك شيء.
end-cancelled = لقد ألغيت العملية
end-not-allowed = لم تسمح بالوصول لدى { $platform }، لذا لم يُشارَك شيء مع { $client }.
end-failed = تعذّر ربط { $platform }
end-failed-again = لم يُشارَك شيء مع { $client }. يمكنك إعادة المحاولة الآن أو لاحقًا.
end-not-yours = لم يُشارَك شيء مع { $client }، وليس هناك خطأ من جهتك.
end-tell-client = إعداد { $client } لدى { $platform } غير صحيح. يُرجى إبلاغ { $client }: لا أحد سواهم يستطيع تصحيحه، ولن تفيد إعادة المحاولة قبل ذلك.
end-not-supported = منصتك غير مدعومة بعد
end-tell-platform = لم يُشارَك شيء. يُرجى إبلاغ { $client } بالمنصة التي تستخدمها: قد تكون هناك طريقة أخرى لمشاركة المطلوب.
end-told-platform = لم يُشارَك شيء. أُبلغ { $client } بأنك تستخدم { $platform }: قد تكون هناك طريقة أخرى لمشاركة المطلوب.
end-to-list = العودة إلى قائمة المنصات
end-go-on = أغلق هذه النافذة للمتابعة لدى { $client }.

## Setting up a program that calls

approval-needed = هل يجب أن يوافق مسؤول على ذلك أولًا؟
approval-words = إذا طلب { $platform } موافقة مسؤول فانسخ هذا الرابط وأرسله إلى المسؤول لديك. لا تُشارَك به أي بيانات. وبعد الموافقة أكمل الربط هنا.
approval-link = رابط للمسؤول لديك
approval-given = تمت الموافقة
approval-given-then = يمكن للشخص الذي أرسل إليك الرابط أن يربط { $platform } الآن. ولم تُشارَك بهذا أي بيانات.
approval-refused = لم تتم الموافقة
approval-refused-then = لا يُبلغ { $platform } عن أي موافقة. لم يتغير شيء، ويمكنك فتح الرابط مرة أخرى.
end-why-approval = يشترط { $platform } أن يوافق مسؤول على ذلك أولًا.
machine-next = في الصفحة التالية تحصل على ملف وكلمة مرور، مع خطوات إعداد { $program } على الحاسوب الذي يعمل عليه { $platform }.
machine-proceed = المتابعة إلى الإعداد
machine-password = تعطي { $program } كلمة مرور أُنشئت له وحده. ولا يرى { $client } كلمات مرورك الخاصة بـ { $platform } أبدًا.
machine-under-way = سبق أن بدأت هذا الإعداد. إذا تابعت فستحصل على كلمة مرور جديدة وتنتهي القديمة.
machine-works = هذا الربط يعمل. لا تتابع إلا إذا أردت إعداد { $program } من جديد.
machine-same-business = استخدم ملف شركة { $business } مرة أخرى.
setup-heading = إعداد { $program }
setup-lead = يقرأ <strong>{ $client }</strong> دفاتر <strong>{ $company }</strong> عن طريق { $program }، وهو برنامج على الحاسوب الذي يعمل عليه { $platform }. أبقِ هذه الصفحة مفتوحة وأكمل الخطوات على ذلك الحاسوب.
setup-get = الحصول على { $program }
setup-get-words = ثبّته على الحاسوب الذي عليه { $platform } إن لم يكن موجودًا هناك:
setup-file = إضافة ملف الإعداد
setup-file-words = افتح ملف الشركة في { $platform } بصفة مسؤول، ثم افتح هذا الملف في { $program }. يسأل { $platform } إن كان يُسمح بقراءة الدفاتر: اسمح بذلك دائمًا، حتى عندما يكون { $platform } مغلقًا.
setup-file-get = تنزيل ملف الإعداد
setup-password = إدخال كلمة المرور
setup-password-words = يطلبها { $program } مرة واحدة، ويمكنه أن يتذكرها:
setup-password-once = لا تُعرض إلا الآن. انسخها قبل المتابعة.
setup-update = التحديث للمرة الأولى
setup-update-words = في { $program } اختر السطر الجديد وحدّثه مرة، ثم شغّل التنفيذ التلقائي كي تُقرأ الدفاتر بانتظام.
setup-done = أكملت كل ذلك
setup-waiting = في انتظار الاتصال الأول
setup-waiting-words = لم يُكمل { $program } اتصاله الأول بعد. تعيد هذه الصفحة النظر تلقائيًا وتتابع حالما يتم ذلك. يمكنك إغلاقها: سيتم الربط على أي حال.
setup-trouble = هناك ما يمنع
setup-again = إن فقدت كلمة المرور فافتح رابط { $client } مرة أخرى في هذا المتصفح: ستحصل على كلمة جديدة وتبطل القديمة.
setup-user = اسم المستخدم:

## Trouble

trouble-broken = حدث خطأ من جهتنا
trouble-wait = يُرجى الانتظار قليلًا ثم إعادة المحاولة. وإذا تكرر ذلك، فأبلغ بالمرجع أدناه.
trouble-gone = لم يعد هذا الرابط يعمل
trouble-gone-once = يعمل رابط كهذا مرة واحدة ولمدة يوم واحد.
trouble-gone-then = عُد إلى التطبيق أو الرسالة التي جاء منها، واطلب رابطًا جديدًا.
trouble-spent = سبق استخدام هذا الرابط
trouble-spent-once = يعمل كل رابط مرة واحدة. إذا أكملت الربط، يمكنك إغلاق هذه النافذة.
trouble-spent-then = وإلا فعُد إلى { $client } وابدأ من جديد: ستحصل هناك على رابط جديد.
trouble-see = عرض حساباتك المرتبطة
trouble-no-result = لم يعد بالإمكان عرض هذه الصفحة
trouble-no-result-why = كانت تعرض نتيجة الربط لمدة ساعة وفي متصفح واحد.
trouble-close = يمكنك إغلاق هذه النافذة.
trouble-working = ما زلنا نعمل على ذلك
trouble-working-why = تستغرق المنصة وقتًا أطول من المعتاد للرد. سيكتمل الربط حتى إن غادرت.
trouble-working-then = تُحمَّل هذه الصفحة من جديد تلقائيًا، ثم تعرض النتيجة. ويمكنك أيضًا تحميلها بنفسك.
trouble-long = استغرق ذلك وقتًا طويلًا
trouble-long-then = يُرجى الانتظار قليلًا، ثم الرجوع وإعادة المحاولة.
trouble-foreign = جاء هذا من صفحة أخرى
trouble-foreign-safe = حفاظًا على سلامتك، لم يتغيّر شيء.
trouble-foreign-then = افتح الرابط الذي تلقيته، وتابع من هناك.
trouble-much = كان النص أطول من اللازم
trouble-much-then = ارجع وأدخل نصًا أقصر ثم أعد المحاولة.
trouble-second = أنت مرتبط بالفعل
trouble-second-why = { $platform } مرتبط، ويمكن ربط برنامج محاسبة واحد فقط في كل مرة. لم يتغيّر شيء.
trouble-second-then = لاستخدام برنامج آخر، ألغِ ربط { $platform } أولًا، ثم اطلب من { $client } رابطًا جديدًا.
trouble-not-ready = { $platform } غير جاهز بعد
trouble-not-ready-why = لم يُكمل { $client } إعداد ربطه مع { $platform }.
trouble-not-ready-then = يُرجى إبلاغ { $client } وإعادة المحاولة لاحقًا: يبقى رابطك صالحًا لمدة يوم.
trouble-no-choice = لا يمكن اختيار ذلك الآن
trouble-no-choice-then = ما اخترته لم يعد متاحًا. ارجع وحمّل الصفحة من جديد واختر غيره.
trouble-raced = تغيّر شيء في هذه الأثناء
trouble-raced-then = لم يُشارَك شيء. يُرجى فتح رابطك مجددًا.
trouble-unknown = لا نعرف بماذا يتعلق هذا
trouble-unknown-why = عدت من منصة، لكن لا يوجد ربط في انتظارك. إذا كنت قد أعدت تحميل صفحة ذكرت أنك مرتبط، فأنت كذلك.
trouble-unknown-then = وإلا فعُد إلى التطبيق الذي أرسلك إلى هناك، وابدأ من جديد.
trouble-browser = يُرجى المتابعة حيث بدأت
trouble-nothing = لم يتغيّر شيء ولم يُشارَك شيء.
trouble-browser-then = لحمايتك، يجب إكمال الربط في المتصفح الذي بدأ فيه، مع السماح بملفات تعريف الارتباط. عُد إلى التطبيق الذي أرسلك، وابدأ من جديد في هذا المتصفح.
trouble-over = انتهى تسجيل الدخول هذا
trouble-over-why = سبق إكماله، أو استغرق أكثر من ساعة. لم يتغيّر شيء آخر.
trouble-over-then = إذا لم تكن منصتك مرتبطة، فعُد إلى التطبيق الذي أرسلك إلى هناك، وابدأ من جديد.

## The owner's own door

door-title = ما تشاركه { $company }
door-heading = ما تشاركه { $company } مع { $client }
door-lead = اطّلع على كل ربط، ومنذ متى بدأ، ومتى استُخدم آخر مرة. يمكنك هنا إلغاء الربط، وأن تطلب من { $client } بياناتك أو حذفها.
door-open = عرض
door-one-browser = بعد ذلك لا يمكن إلا لهذا المتصفح استخدام الرابط، لمدة يوم واحد.
sharing-lead = هذا كل ما تشاركه <strong>{ $company }</strong> هنا مع <strong>{ $client }</strong>.
sharing-connections = الحسابات المرتبطة
sharing-nothing = لا يُشارَك شيء مع { $client }، ولم يُشارَك من قبل.
sharing-shared = تتم مشاركته
sharing-disconnected = غير مرتبط: لا تُقرأ أي بيانات جديدة
sharing-since = رُبط لأول مرة في { $date }
sharing-last-read = آخر قراءة في { $date }
sharing-never-read = لم يُقرأ بعد
sharing-reads = ما يُقرأ ولأي غرض
sharing-reads-and-writes = ما يُقرأ ويُعدَّل ولأي غرض
sharing-can-change = ما يمكن تعديله
sharing-further = وتمت الموافقة أيضًا في { $date } على:
sharing-disconnect = إلغاء الربط
sharing-yours = بياناتك لدى { $client }
sharing-a-month = يجيب { $client } خلال شهر.
sharing-ask-copy = طلب نسخة من بياناتك
sharing-ask-deletion = طلب حذف بياناتك
request-copy = نسخة من بياناتك
request-deletion = حذف بياناتك
request-open = طُلب في { $date }، والرد مطلوب في موعد أقصاه { $due }
request-done = تم في { $date }
request-refused = رُفض في { $date }
confirm-disconnect = هل تريد إلغاء ربط { $platform }؟
confirm-given-back = لن يقرأ { $client } أي بيانات جديدة من { $platform }، ويُلغى الوصول هناك.
confirm-shared = لن يقرأ { $client } أي بيانات جديدة لهذه الشركة من { $platform }. تشترك شركات أخرى في الوصول هناك: ويُلغى عند إلغاء ربط آخر شركة منها.
confirm-stays-listed = لن يقرأ { $client } أي بيانات جديدة من { $platform }. وتستمر { $platform } في عرض الوصول إلى أن تزيله هناك.
confirm-stays = ما قرأه { $client } حتى الآن يبقى لديه، ما لم تطلب حذفه.
confirm-files = تُحذف فورًا جميع الملفات التي رُفعت هنا، ولا يعود بإمكان { $client } قراءتها.
confirm-disconnect-go = إلغاء ربط { $platform }
confirm-deletion = هل تريد طلب حذف بياناتك؟
confirm-deletion-asks = يُطلب من { $client } حذف ما قرأه عن { $company } والرد عليك خلال شهر.
confirm-deletion-stays = تبقى الحسابات مرتبطة إلى أن تلغي ربطها أو تُحذف مع البيانات.
confirm-deletion-go = طلب الحذف

## The receipt

receipt-title = إيصالك
receipt-lead = الوصول إلى { $platform } الذي مُنح إلى <strong>{ $client }</strong>، كما هو مسجّل.
receipt-print = اطبع هذه الصفحة أو احفظها. يثبت الإيصال الموقّع أن السجل أصلي دون سؤال أحد.
receipt-save = حفظ الإيصال الموقّع
receipt-name = الإيصال
receipt-time = { $date }، { $time } UTC
receipt-state = الحالة
receipt-in-force = مُنح وسارٍ
receipt-withdrawn = سحبته أنت أو شركتك
receipt-revoked = انتهى
receipt-expired = انتهى: انقضت مدته
receipt-given = مُنح في
receipt-given-again = مُنح مجددًا في
receipt-ended = انتهى في
receipt-ended-customer = { $time }، من قِبلك أو من قِبل شركتك
receipt-ended-client = { $time }، من قِبل الشركة التي منحتها إياه
receipt-ended-platform = { $time }، لدى المنصة
receipt-ended-service = { $time }، من قِبل الخدمة التي تحفظ هذا السجل
receipt-given-to = مُنح إلى
receipt-company = شركتك
receipt-business = الشركة لدى المنصة
receipt-given-by = منحه
receipt-platform = المنصة
receipt-purpose = الغرض
receipt-further = تمت الموافقة عليه لاحقًا
receipt-read = ما يُقرأ
receipt-written = ما يُعدَّل
receipt-how-long = المدة
receipt-ends-on = ينتهي في
receipt-what-ends = ما ينهيه
receipt-what-stays = ما يبقى
receipt-how = كيفية منحه
receipt-hosted-page = على صفحة من هذه الخدمة
receipt-privacy-notice = إشعار الخصوصية

## The front page

front-lead = عبر هذا العنوان تربط الشركات منصات المحاسبة والبنوك والتجارة لديها مع الجهات التي وافقت على مشاركة بياناتها معها.
front-asked = هل طُلب منك ربط منصتك؟ افتح الرابط في الرسالة التي وصلتك: فهي تذكر صاحب الطلب ومضمونه.
front-software = هل تكتب برنامجًا لهذه الواجهة؟ يضم <a href="/reference">المرجع</a> كل عملية؛ أما <a href="/openapi.json">المستند</a> فهو للأدوات.
front-version = الإصدار { $version }

## Uploading files

upload-accounting = رفع مستندات المحاسبة
upload-banking = رفع كشوف الحساب المصرفي
upload-documents = رفع مستندات الشركة
kind-documents = مستندات الشركة
kind-documents-has = مستندات لا توجد في أي منصة، مثل العقود أو خطة العمل
upload-asks = تطلب <strong>{ $client }</strong> مستندات <strong>{ $company }</strong>.
upload-label = الملفات
upload-rules = حتى { $count } ملفًا في المرة الواحدة، بحجم لا يتجاوز 10 ميغابايت لكل منها: { $types }.
upload-send = رفع
upload-there = رُفعت من قبل
upload-kept = تُحفظ ملفاتك مشفّرة لكي تقرأها { $client }. يؤدي قطع الاتصال إلى حذفها.
upload-problem = لم يُرفع شيء
upload-no-file = اختر ملفًا.
upload-too-many = اختر { $count } ملفًا على الأكثر.
upload-name = اسم أحد الملفات مفقود أو طويل جدًا. غيّر اسمه ثم اختره مرة أخرى.
upload-type = نوع { $name } غير مقبول.
upload-empty = الملف { $name } فارغ.
upload-large = حجم { $name } أكبر من 10 ميغابايت.
upload-content = الملف { $name } ليس من النوع الذي يدل عليه اسمه. احفظه بذلك النوع ثم اختره مرة أخرى.
upload-infected = عُثر على فيروس في { $name }. أزله من جهازك قبل المتابعة.
upload-unscanned = لا يمكن فحص الملفات من الفيروسات حاليًا. حاول مرة أخرى بعد بضع دقائق.
upload-no-room = لا توجد مساحة لمزيد من الملفات. يُرجى إبلاغ { $client }.
upload-busy = تُرفع حاليًا ملفات أخرى لشركتك. يُرجى المحاولة مجددًا بعد اكتمال رفعها.
upload-cut = انقطع الرفع. اختر ملفاتك مرة أخرى.
upload-done = رُفعت ملفاتك
upload-done-then = يمكن لـ { $client } قراءتها الآن. يؤدي قطع الاتصال إلى حذفها.
upload-more = رفع المزيد
