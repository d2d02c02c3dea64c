### Spanish, formal.

## Every page

badge = Protegido por Moorline
reference = Referencia
comma = ,{ " " }
sentence-end = .
error-in-title = Error: { $title }
problems = Complete lo siguiente
not-now = Ahora no
back = Volver
beta = Beta
practice = De prueba
try-again = Reintentar
close-simply = O simplemente cierre esta ventana.

## The start page

start-connect = Conectar { $platform } con { $client }
start-connected = { $platform } está conectado
start-reconnect = Volver a conectar { $platform }
start-asks = <strong>{ $client }</strong> pide leer los datos de <strong>{ $company }</strong> en <strong>{ $platform }</strong>.
start-asks-writes = <strong>{ $client }</strong> pide leer los datos de <strong>{ $company }</strong> en <strong>{ $platform }</strong> y modificarlos allí.
start-under-way = Ya había salido hacia { $platform }. Puede continuar allí o dejarlo.
start-works = Esta conexión funciona. Continúe solo si quiere volver a iniciar sesión.
start-disconnected = Usted desconectó esta plataforma; no se leen datos nuevos hasta que vuelva a conectarla.
start-same-business = Elija de nuevo { $business } cuando { $platform } lo pregunte.
start-changed = Lo que pide { $client } ha cambiado desde que abrió esta página. Vuelva a leerlo antes de continuar.
start-proceed = Continuar a { $platform }
start-leave-as-is = Dejarlo como está
start-read-again = Volver a leer lo que pide { $client }
start-purpose = Para qué es
start-reads = Qué podrá leer { $client }
start-custom = También, con los nombres de { $client }
start-from-source = (de { $source })
start-business = Y { $business }.
start-writes = Qué podrá modificar { $client }
start-adds = añadir nuevos
start-changes = modificar los existentes
start-adds-and-changes = añadir nuevos y modificar los existentes
start-person = Qué sabrá { $client } de usted
start-how-far = Desde cuándo y con qué frecuencia
start-further = De { $name } también:
start-lasts = Cuánto dura el acceso y qué lo termina
start-stays = Qué se conserva después
start-who = Quién lo pide
start-privacy-notice = Aviso de privacidad
start-terms = Condiciones
start-help = Ayuda
start-email = Correo electrónico:
start-phone = Teléfono:
start-no-privacy-notice = { $client } no ha indicado aquí ningún aviso de privacidad.
start-scopes = Qué se pide a { $platform }, en sus propias palabras
start-step = Paso { $step } de { $steps }
start-sign-in = Iniciar sesión en { $platform }
start-sign-in-there = Allí elegirá la empresa y aceptará compartir sus datos.
start-password = Usted inicia sesión en { $platform } directamente. { $client } nunca ve su contraseña.
start-only-read = Los datos se leen, nunca se modifican.
start-only-named = No se modifica nada más que lo indicado arriba.
start-any-time = Puede desconectar en cualquier momento.
step-tick = Lea «{ $title }» y marque «{ $confirm }».
step-name = Confirme el nombre de su empresa
step-name-label = Nombre de la empresa
step-name-hint = Tal como está registrado. Corríjalo si no es correcto.
step-name-missing = Escriba el nombre de su empresa.
step-name-long = Escriba un nombre de { $most } caracteres como máximo; este tiene { $count }.
way-others = Otras formas de conectar
way-sign-in = Iniciar sesión en { $platform }
typed-proceed = Conectar { $platform }
typed-works = Esta conexión funciona. Continúe solo si quiere volver a introducir los datos de acceso.
typed-same-business = Use de nuevo el acceso de { $business }.
typed-example = Por ejemplo: { $example }
typed-missing = Escriba «{ $label }».
typed-form = «{ $label }» no parece correcto.
typed-unusable = «{ $label }» es demasiado largo o tiene caracteres que no se pueden enviar.
typed-refused = { $platform } no ha aceptado lo que escribió. No se ha cambiado nada. Compruébelo y vuelva a escribir lo que sea secreto.
typed-not-reached = No se ha podido consultar a { $platform } con lo que escribió. No se ha cambiado nada. Compruébelo o inténtelo de nuevo en un momento.
typed-sealed = Lo que escribe se guarda cifrado, se usa solo para lo que se indica arriba y no se vuelve a mostrar.
certificate-make = Crear el certificado
certificate-why = Se crea un certificado para esta conexión. Su clave privada se queda aquí, cifrada.
certificate-download = Descargar el certificado
certificate-ends = Es válido hasta el { $date }.

## The times of reading

rhythm-once-clock = { $hours ->
    [one] Se lee en cuanto usted acepta, después según un calendario (como máximo cada hora) y siempre que { $client } lo pide, hasta que termina el acceso.
   *[other] Se lee en cuanto usted acepta, después según un calendario (como máximo cada { $hours } horas) y siempre que { $client } lo pide, hasta que termina el acceso.
}
rhythm-once = Se lee en cuanto usted acepta y después siempre que { $client } lo pide, hasta que termina el acceso.
rhythm-clock = { $hours ->
    [one] Se lee según un calendario (como máximo cada hora) y siempre que { $client } lo pide, hasta que termina el acceso.
   *[other] Se lee según un calendario (como máximo cada { $hours } horas) y siempre que { $client } lo pide, hasta que termina el acceso.
}
rhythm-asked = Se lee siempre que { $client } lo pide, hasta que termina el acceso.

## The disclosure

business-read = el nombre de la empresa en { $platform } y su número allí
purpose-unstated = { $client } no ha indicado aquí para qué usa los datos. Si no lo sabe, pregunte a { $client } antes de aceptar.
history-months = { $count ->
    [one] el último mes
   *[other] los últimos { $count } meses
}
history-since = desde el { $date }
history-all = todo lo que hay
access-until-ended = El acceso dura hasta que se termina.
access-days = El acceso dura como máximo { $time }; después, { $client } tiene que volver a pedírselo.
access-unused = Si no se usa durante { $time }, { $platform } lo termina.
access-ends-there-too = Puede desconectar en cualquier momento, donde { $client } le muestra sus conexiones o pidiéndoselo a { $client }. El acceso se revoca entonces también en { $platform }.
access-ends-with-last = Puede desconectar en cualquier momento, donde { $client } le muestra sus conexiones o pidiéndoselo a { $client }. El acceso se revoca en { $platform } cuando se desconecta la última de las empresas conectadas con él.
access-stays-listed = Puede desconectar en cualquier momento, donde { $client } le muestra sus conexiones o pidiéndoselo a { $client }. No hay forma de avisar a { $platform }: puede que { $client } siga apareciendo allí hasta que usted lo quite.
access-erased = Puede desconectar en cualquier momento, donde { $client } le muestra sus conexiones o pidiéndoselo a { $client }. Lo que se escribió o se creó para ella se borra entonces aquí. No hay forma de avisar a { $platform }: para terminarlo también allí, haga lo siguiente.
access-taken-back = También puede retirar el acceso en { $platform }.
stays-not = { $client } elimina los datos en cuanto termina el acceso.
stays-days = { $client } conserva los datos durante { $time } después de que termine el acceso.
stays-unstated = Cuando termina el acceso no se leen datos nuevos. Lo leído hasta entonces queda en poder de { $client }, que no ha indicado aquí por cuánto tiempo: pida a { $client } que lo elimine.
span-none = de inmediato
span-days = { $count ->
    [one] 1 día
   *[other] { $count } días
}
span-years = { $count ->
    [one] 1 año
   *[other] { $count } años
}
missing-reads = leer { $names }
missing-history = leer { $names } de más atrás
missing-writes = añadir o modificar { $names }

## Kinds of data, and data types

group-business = Datos de la empresa
group-books = Cuentas y contabilidad
group-sales = Ventas
group-purchases = Compras
group-bank = Cuentas bancarias
group-reports = Informes
group-shop = Tienda
group-orders = Pedidos y pagos
type-company = datos de contacto
type-tax-rates = tipos de impuesto
type-payment-methods = formas de pago
type-chart-of-accounts = plan de cuentas
type-journal-entries = asientos contables
type-journals = diarios contables
type-account-transactions = movimientos de cuentas
type-tracking-categories = categorías de seguimiento
type-transfers = traspasos entre cuentas
type-customers = clientes
type-invoices = facturas
type-credit-notes = notas de abono
type-payments = pagos recibidos
type-direct-incomes = ingresos directos
type-sales-orders = pedidos de clientes
type-items = artículos
type-suppliers = proveedores
type-bills = facturas de proveedores
type-bill-credit-notes = abonos de proveedores
type-bill-payments = pagos realizados
type-direct-costs = gastos directos
type-item-receipts = mercancía recibida
type-purchase-orders = pedidos a proveedores
type-bank-accounts = cuentas bancarias
type-bank-transactions = movimientos bancarios
type-account-balances = saldos
type-transaction-categories = categorías de movimientos
type-balance-sheet = balance
type-profit-and-loss = pérdidas y ganancias
type-cash-flow-statement = flujo de caja
type-locations = establecimientos
type-products = productos
type-product-categories = categorías de productos
type-commerce-customers = clientes
type-orders = pedidos
type-commerce-payments = pagos
type-transactions = liquidaciones
type-disputes = pagos en disputa
detail-identifier = el número de su cuenta allí
detail-profile = su nombre y perfil
detail-email = su dirección de correo electrónico
detail-phone = su número de teléfono
detail-address = su dirección postal

## The overview

overview-title = Conexiones de { $company }
overview-heading = Conecte sus plataformas
overview-asks = <strong>{ $client }</strong> pide datos de <strong>{ $company }</strong>. Elija dónde los tiene. Antes de compartir nada verá qué se leerá allí y si se modificará algo.
overview-yours = Sus conexiones
overview-reconnect = Volver a conectar
overview-choose = Elija una plataforma
overview-another = Conectar otra
overview-none = { $client } no ofrece ninguna plataforma en este momento. Póngase en contacto con { $client } o vuelva más tarde.
overview-not-listed = Mi plataforma no está en la lista
overview-which = ¿Qué plataforma usa?
overview-tell = Comunicar a { $client }
overview-back = Volver a { $client }
overview-closed = { $platform } está conectado. Solo puede haber un programa de contabilidad conectado a la vez: para cambiar a otro, desconecte primero { $platform }.
overview-connected = Conectado
overview-connected-since = Conectado desde el { $date }
overview-disconnected = Desconectado
overview-nothing-new = No se leen datos nuevos.
kind-accounting = Contabilidad
kind-accounting-has = Facturas, gastos, clientes, proveedores e informes
kind-banking = Banca
kind-banking-has = Cuentas, saldos y movimientos
kind-commerce = Comercio
kind-commerce-has = Pedidos, productos, pagos y liquidaciones
attention = Requiere atención
attention-expired = El permiso que dio en { $platform } ha caducado.
attention-lost = El acceso a { $platform } se perdió por nuestra parte.
attention-ended = { $platform } ya no permite el acceso.

## The choice of a business

choose-title = Elegir una empresa
choose-heading = ¿Qué empresa quiere conectar?
choose-given = { $count ->
    [one] Ha dado acceso a { $count } empresa en <strong>{ $platform }</strong>. <strong>{ $client }</strong> lee sus datos como los de <strong>{ $company }</strong>.
   *[other] Ha dado acceso a { $count } empresas en <strong>{ $platform }</strong>. <strong>{ $client }</strong> lee los datos de una de ellas como los de <strong>{ $company }</strong>.
}
choose-legend = Empresa
choose-before = Conectada antes
choose-number = Número terminado en { $end }
choose-proceed = Conectar esta empresa
choose-missing = Elija una de las empresas.
choose-lacks = Este usuario no puede verlo todo
choose-lacks-why = { $client } pide más de lo que puede ver el usuario que inició sesión en { $platform }. Le faltan:
choose-lacks-then = Pida estos permisos a un administrador de { $platform } y compruebe de nuevo. O conecte sin ellos: lo que el usuario no puede ver se queda fuera.
choose-lacks-again = Comprobar de nuevo
several-title = Elegir empresas
several-heading = ¿Qué empresas quiere conectar?
several-given = { $count ->
    [one] Dio acceso a { $count } empresa en <strong>{ $platform }</strong>. Cada empresa marcada se comparte con <strong>{ $client }</strong> por separado: puede desconectar una y conservar las demás. El acceso en <strong>{ $platform }</strong> se devuelve cuando se desconecta la última.
   *[other] Dio acceso a { $count } empresas en <strong>{ $platform }</strong>. Cada empresa marcada se comparte con <strong>{ $client }</strong> por separado: puede desconectar una y conservar las demás. El acceso en <strong>{ $platform }</strong> se devuelve cuando se desconecta la última.
}
several-legend = Empresas
several-connected = Ya conectada
several-proceed = Conectar las marcadas
several-missing = Marque al menos una empresa.
several-again = Algunas de estas empresas ya estuvieron conectadas. Vuelva a conectar cada una desde su propia conexión en { $client }, para que siga siendo la misma conexión.
several-most = Marque como máximo { $most } empresas: no se pueden conectar más a la vez.
twice-heading = { $business } ya está conectada
twice-shares = <strong>{ $business }</strong> comparte sus datos de { $platform } con <strong>{ $client }</strong>. Todavía no se ha cambiado nada.
twice-shares-since = <strong>{ $business }</strong> comparte sus datos de { $platform } con <strong>{ $client }</strong> desde el { $date }. Todavía no se ha cambiado nada.
twice-leave = Dejarlo como está
twice-other = Elegir otra empresa en { $platform }
twice-again = Conectarla otra vez
twice-then = Conectada otra vez, { $client } recibe los mismos datos dos veces.
different-title = Se ha elegido otra empresa
different-heading = Esa es otra empresa
different-chosen = Esta conexión es de <strong>{ $before }</strong>. En { $platform } ha elegido <strong>{ $now }</strong>. Todavía no se ha cambiado nada.
different-another = otra empresa
different-occupied = { $platform } está conectado y solo puede haber un programa de contabilidad conectado a la vez. Para conectar { $now }, desconecte primero { $platform }.
different-back = Volver y elegir { $before }
different-new = Añadir { $now } como conexión nueva
different-leave = Dejar todo como estaba
different-then = Como conexión nueva, { $now } también comparte sus datos con { $client }. La conexión de { $before } queda como está.

## Endings

end-why = Por qué
end-why-refused = { $platform } no ha aceptado el inicio de sesión. Empiece de nuevo.
end-why-changed = Mientras tanto se ha conectado o cambiado otra cosa. Consulte sus conexiones y vuelva a intentarlo.
end-why-late = El inicio de sesión tardó más de una hora, o no se eligió ninguna empresa en una hora. Vuelva a conectar.
end-why-unreachable = No se ha podido contactar con { $platform } o su respuesta no se puede leer. Espere un poco y vuelva a intentarlo.
end-why-unconfirmed = { $client } no ha confirmado a tiempo que ha sido usted, así que no se ha compartido nada. Empiece de nuevo desde { $client }.
end-why-other = Algo ha fallado por el camino. Si sigue ocurriendo, comunique la referencia que aparece abajo.
end-overview = Ver todas sus conexiones
end-linked = { $platform } está conectado
end-shares = { $business } comparte ahora sus datos de { $platform } con { $client }.
end-shares-several = { $businesses } comparten ahora sus datos de { $platform } con { $client }.
end-sharing = Ver lo que comparte o dejar de compartirlo
end-receipt = Ver su recibo
end-done = Ha terminado y puede cerrar esta ventana.
end-left-out = { $platform } no ha permitido todo lo que pedía { $client }. Queda fuera por ahora: { $parts }.
end-unchanged = No se ha cambiado nada
end-stays = { $platform } sigue conectado como antes.
end-not-connected = { $platform } no se ha conectado y no se ha compartido nada con { $client }.
end-after-all = Conectar { $platform } de todos modos
end-nothing-new = No se ha compartido nada nuevo con { $client }.
end-held = Un paso más
end-held-until = { $client } debe confirmar que ha sido usted. Vuelva a { $client } y termine allí. Hasta entonces, y sin ello, no se comparte nada.
end-cancelled = Usted ha cancelado
end-not-allowed = No ha permitido el acceso en { $platform }, así que no se ha compartido nada con { $client }.
end-failed = No se ha podido conectar { $platform }
end-failed-again = No se ha compartido nada con { $client }. Puede volver a intentarlo ahora o más tarde.
end-not-yours = No se ha compartido nada con { $client }, y el problema no está en usted.
end-tell-client = { $client } no está bien configurado en { $platform }. Avise a { $client }: solo allí pueden corregirlo, y hasta entonces no servirá de nada volver a intentarlo.
end-not-supported = Su plataforma todavía no es compatible
end-tell-platform = No se ha compartido nada. Indique a { $client } qué plataforma usa: quizá haya otra forma de compartir lo que necesita.
end-told-platform = No se ha compartido nada. { $client } ya sabe que usted usa { $platform }: quizá haya otra forma de compartir lo que necesita.
end-to-list = Volver a la lista de plataformas
end-go-on = Cierre esta ventana para continuar en { $client }.

## Setting up a program that calls

approval-needed = ¿Tiene que aprobarlo antes un administrador?
approval-words = Si { $platform } pide la aprobación de un administrador, copie este enlace y envíeselo a su administrador. No comparte datos. Cuando esté aprobado, conecte aquí.
approval-link = Enlace para su administrador
approval-given = Aprobado
approval-given-then = La persona que le envió el enlace ya puede conectar { $platform }. Con esto no se ha compartido nada.
approval-refused = No aprobado
approval-refused-then = { $platform } no comunica ninguna aprobación. No se ha cambiado nada; puede abrir el enlace de nuevo.
end-why-approval = { $platform } exige que un administrador lo apruebe antes.
machine-next = En la página siguiente recibirá un archivo y una contraseña, con los pasos para configurar { $program } en el ordenador en el que funciona { $platform }.
machine-proceed = Continuar a la configuración
machine-password = Usted da a { $program } una contraseña creada solo para él. { $client } nunca ve sus propias contraseñas de { $platform }.
machine-under-way = Ya había empezado esta configuración. Si continúa, recibirá una contraseña nueva y la anterior dejará de valer.
machine-works = Esta conexión funciona. Continúe solo si quiere volver a configurar { $program }.
machine-same-business = Use de nuevo el archivo de la empresa { $business }.
setup-heading = Configurar { $program }
setup-lead = <strong>{ $client }</strong> lee los libros de <strong>{ $company }</strong> mediante { $program }, un programa del ordenador en el que funciona { $platform }. Deje esta página abierta y siga los pasos en ese ordenador.
setup-get = Obtener { $program }
setup-get-words = Instálelo en el ordenador con { $platform }, si aún no está allí:
setup-file = Añadir el archivo de configuración
setup-file-words = Abra el archivo de la empresa en { $platform } como administrador y después abra este archivo en { $program }. { $platform } pregunta si se pueden leer los libros: permítalo siempre, también con { $platform } cerrado.
setup-file-get = Descargar el archivo de configuración
setup-password = Introducir la contraseña
setup-password-words = { $program } la pide una vez y puede recordarla:
setup-password-once = Solo se muestra ahora. Cópiela antes de continuar.
setup-update = Actualizar por primera vez
setup-update-words = En { $program }, marque la línea nueva, actualícela una vez y active la ejecución automática para que los libros se lean con regularidad.
setup-done = Ya lo he hecho todo
setup-waiting = Esperando la primera llamada
setup-waiting-words = { $program } todavía no ha terminado su primera llamada. Esta página vuelve a mirar por sí sola y continúa en cuanto lo haga. Puede cerrarla: la conexión se hará de todos modos.
setup-trouble = Algo lo impide
setup-again = Si ya no tiene la contraseña, vuelva a abrir el enlace de { $client } en este navegador: recibirá una nueva y la anterior dejará de valer.
setup-user = Nombre de usuario:

## Trouble

trouble-broken = Algo ha fallado por nuestra parte
trouble-wait = Espere un momento y vuelva a intentarlo. Si sigue ocurriendo, comunique la referencia que aparece abajo.
trouble-gone = Este enlace ya no funciona
trouble-gone-once = Un enlace como este funciona una vez y durante un día.
trouble-gone-then = Vuelva a la aplicación o al mensaje de donde viene y pida uno nuevo.
trouble-spent = Este enlace ya se ha usado
trouble-spent-once = Cada enlace funciona una vez. Si ha terminado de conectar, puede cerrar esta ventana.
trouble-spent-then = Si no, vuelva a { $client } y empiece de nuevo: allí recibirá un enlace nuevo.
trouble-see = Ver sus conexiones
trouble-no-result = Esta página ya no se puede mostrar
trouble-no-result-why = Indicaba, durante una hora y en un solo navegador, cómo terminó su conexión.
trouble-close = Puede cerrar esta ventana.
trouble-working = Seguimos trabajando en ello
trouble-working-why = La plataforma tarda más de lo habitual en responder. Su conexión se está terminando, aunque se vaya.
trouble-working-then = Esta página se vuelve a cargar sola y muestra entonces cómo terminó. También puede volver a cargarla usted.
trouble-long = Eso ha tardado demasiado
trouble-long-then = Espere un momento, vuelva atrás e inténtelo de nuevo.
trouble-foreign = Esto venía de otra página
trouble-foreign-safe = Por su seguridad, no se ha cambiado nada.
trouble-foreign-then = Abra el enlace que recibió y continúe desde allí.
trouble-much = Era demasiado texto
trouble-much-then = Vuelva atrás, escriba menos e inténtelo de nuevo.
trouble-second = Ya está conectado
trouble-second-why = { $platform } está conectado y solo puede haber un programa de contabilidad conectado a la vez. No se ha cambiado nada.
trouble-second-then = Para usar otro, desconecte primero { $platform } y pida después un enlace nuevo a { $client }.
trouble-not-ready = { $platform } todavía no está listo
trouble-not-ready-why = { $client } no ha terminado de configurar su conexión con { $platform }.
trouble-not-ready-then = Avise a { $client } e inténtelo más tarde: su enlace sigue siendo válido durante un día.
trouble-no-choice = Eso no se puede elegir ahora
trouble-no-choice-then = Lo que ha elegido ya no está disponible. Vuelva atrás, cargue la página de nuevo y elija otra cosa.
trouble-raced = Mientras tanto ha cambiado algo
trouble-raced-then = No se ha compartido nada. Vuelva a abrir su enlace.
trouble-unknown = No sabemos a qué corresponde esto
trouble-unknown-why = Ha vuelto de una plataforma, pero no hay ninguna conexión esperándole. Si ha vuelto a cargar una página que decía que está conectado, lo está.
trouble-unknown-then = Si no, vuelva a la aplicación de donde viene y empiece de nuevo.
trouble-browser = Continúe donde empezó
trouble-nothing = No se ha cambiado ni compartido nada.
trouble-browser-then = Para protegerle, una conexión tiene que terminarse en el navegador en que empezó, con las cookies permitidas. Vuelva a la aplicación de donde viene y empiece de nuevo en este navegador.
trouble-over = Este inicio de sesión ha terminado
trouble-over-why = Ya se había completado o tardó más de una hora. No se ha cambiado nada más.
trouble-over-then = Si su plataforma no está conectada, vuelva a la aplicación de donde viene y empiece de nuevo.

## The owner's own door

door-title = Qué comparte { $company }
door-heading = Qué comparte { $company } con { $client }
door-lead = Consulte cada conexión, desde cuándo existe y cuándo se usó por última vez. Aquí puede desconectar y pedir a { $client } sus datos o que los elimine.
door-open = Mostrar
door-one-browser = Después, solo este navegador podrá usar el enlace, durante un día.
sharing-lead = Esto es todo lo que <strong>{ $company }</strong> comparte aquí con <strong>{ $client }</strong>.
sharing-connections = Conexiones
sharing-nothing = No se comparte ni se ha compartido nada con { $client }.
sharing-shared = Se comparte
sharing-disconnected = Desconectado: no se leen datos nuevos
sharing-since = Conectado por primera vez el { $date }
sharing-last-read = Última lectura el { $date }
sharing-never-read = Todavía sin leer
sharing-reads = Qué se lee y para qué
sharing-reads-and-writes = Qué se lee y se modifica, y para qué
sharing-can-change = Se puede modificar
sharing-further = Además, aceptado el { $date }:
sharing-disconnect = Desconectar
sharing-yours = Sus datos en { $client }
sharing-a-month = { $client } responde en el plazo de un mes.
sharing-ask-copy = Pedir una copia de sus datos
sharing-ask-deletion = Pedir la eliminación de sus datos
request-copy = Una copia de sus datos
request-deletion = La eliminación de sus datos
request-open = Solicitado el { $date }; debe responderse a más tardar el { $due }
request-done = Hecho el { $date }
request-refused = Rechazado el { $date }
confirm-disconnect = ¿Desconectar { $platform }?
confirm-given-back = { $client } deja de leer datos nuevos de { $platform } y el acceso se revoca allí.
confirm-shared = { $client } deja de leer datos nuevos de esta empresa de { $platform }. Otras empresas comparten el acceso allí: se revoca cuando se desconecta la última de ellas.
confirm-stays-listed = { $client } deja de leer datos nuevos de { $platform }. { $platform } seguirá mostrando el acceso hasta que usted lo quite allí.
confirm-stays = Lo que { $client } ha leído hasta ahora sigue en su poder, salvo que pida su eliminación.
confirm-files = Todos los archivos subidos aquí se eliminan de inmediato, y { $client } ya no podrá leerlos.
confirm-disconnect-go = Desconectar { $platform }
confirm-deletion = ¿Pedir la eliminación de sus datos?
confirm-deletion-asks = Se pide a { $client } que elimine lo que ha leído de { $company } y que le responda en el plazo de un mes.
confirm-deletion-stays = Las conexiones se mantienen hasta que usted las desconecte o hasta que se eliminen con los datos.
confirm-deletion-go = Pedir la eliminación

## The receipt

receipt-title = Su recibo
receipt-lead = El acceso a { $platform } que se dio a <strong>{ $client }</strong>, tal como consta.
receipt-print = Imprima o guarde esta página. El recibo firmado demuestra que el registro es auténtico, sin preguntar a nadie.
receipt-save = Guardar el recibo firmado
receipt-name = Recibo
receipt-time = { $date }, { $time } UTC
receipt-state = Estado
receipt-in-force = Dado y en vigor
receipt-withdrawn = Retirado por usted o su empresa
receipt-revoked = Terminado
receipt-expired = Terminado: había pasado su tiempo
receipt-given = Dado
receipt-given-again = Dado de nuevo
receipt-ended = Terminado
receipt-ended-customer = { $time }, por usted o su empresa
receipt-ended-client = { $time }, por la empresa a la que se lo dio
receipt-ended-platform = { $time }, en la plataforma
receipt-ended-service = { $time }, por el servicio que lleva este registro
receipt-given-to = Dado a
receipt-company = Su empresa
receipt-business = Empresa en la plataforma
receipt-given-by = Dado por
receipt-platform = Plataforma
receipt-purpose = Finalidad
receipt-further = Aceptado más tarde
receipt-read = Se lee
receipt-written = Se modifica
receipt-how-long = Duración
receipt-ends-on = Termina el
receipt-what-ends = Qué lo termina
receipt-what-stays = Qué se conserva
receipt-how = Cómo se dio
receipt-hosted-page = en una página de este servicio
receipt-privacy-notice = Aviso de privacidad

## The front page

front-lead = En esta dirección, las empresas conectan su contabilidad, su banco y su comercio con las compañías con las que han aceptado compartir datos.
front-asked = ¿Le han pedido que conecte la suya? Abra el enlace del mensaje que recibió: dice quién lo pide y qué pide.
front-software = ¿Escribe software para esta API? <a href="/reference">La referencia</a> tiene todas las operaciones; <a href="/openapi.json">el documento</a> es para herramientas.
front-version = Versión { $version }

## Uploading files

upload-accounting = Subir documentos contables
upload-banking = Subir extractos bancarios
upload-documents = Subir documentos de la empresa
kind-documents = Documentos de la empresa
kind-documents-has = Documentos que no están en ninguna plataforma, como contratos o un plan de negocio
upload-asks = <strong>{ $client }</strong> pide documentos de <strong>{ $company }</strong>.
upload-label = Archivos
upload-rules = Hasta { $count } a la vez, de 10 MB como máximo cada uno: { $types }.
upload-send = Subir
upload-there = Ya subidos
upload-kept = Sus archivos se guardan cifrados, para que { $client } pueda leerlos. Al desconectar se eliminan.
upload-problem = No se ha subido nada
upload-no-file = Elija un archivo.
upload-too-many = Elija { $count } archivos como máximo.
upload-name = Falta el nombre de un archivo o es demasiado largo. Cámbielo y elija el archivo de nuevo.
upload-type = { $name } es de un tipo que no se acepta.
upload-empty = { $name } está vacío.
upload-large = { $name } ocupa más de 10 MB.
upload-content = { $name } no es del tipo que indica su nombre. Guárdelo con ese tipo y elíjalo de nuevo.
upload-infected = Se ha encontrado un virus en { $name }. Elimínelo de su dispositivo antes de continuar.
upload-unscanned = En este momento no se puede comprobar si los archivos tienen virus. Inténtelo de nuevo en unos minutos.
upload-no-room = No queda espacio para más archivos. Comuníqueselo a { $client }.
upload-busy = En este momento se están subiendo otros archivos de su empresa. Vuelva a intentarlo cuando hayan terminado de subirse.
upload-cut = La subida se ha interrumpido. Elija sus archivos de nuevo.
upload-done = Sus archivos se han subido
upload-done-then = { $client } ya puede leerlos. Al desconectar se eliminan.
upload-more = Subir más
