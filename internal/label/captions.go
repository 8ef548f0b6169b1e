package label

// What is printed beside a label's data, in the languages that a parcel's handlers read. These belong to the paper, not
// to the user who ordered it, and are the same whatever language that user reads.
const (
	brand            = "OmaPosti Pro"
	captionSender    = "Lähettäjä / Avsändare / From"
	captionReceiver  = "Vastaanottaja / Mottagare / To"
	captionParcel    = "Paketti / Paket / Parcel"
	captionWeight    = "Paino / Vikt / Weight"
	captionShipDate  = "Päivä / Datum / Date"
	captionContract  = "Sopimus / Avtal / Contract"
	captionPickup    = "Noutopiste / Uthämtningsställe / Pickup point"
	captionAddOns    = "Lisäpalvelut / Tilläggstjänster / Additional services"
	captionCOD       = "Postiennakko / Postförskott / Cash on delivery"
	captionCODOnce   = "Maksetaan kerran koko lähetyksestä / Betalas en gång för hela försändelsen / Paid once for the whole shipment"
	captionAccount   = "Tili / Konto / Account"
	captionPayment   = "Viitenumero / Referensnummer / Payment reference"
	captionReference = "Viite / Referens / Reference"
	captionOfParcel  = "Paketin viite / Paketets referens / Parcel's reference"
	captionOrder     = "Tilaus / Order / Order"
	captionNote      = "Lisätieto / Meddelande / Note"
	captionRouting   = "Reititys / Sortering / Routing"
	captionPhone     = "Puh. / Tel."
	wordTest         = "TEST"
	captionTest      = "Ei kuljeteta / Transporteras inte / Not for carriage"
	captionFoot      = brand + " · riippumaton jäljitelmä / oberoende replika / independent replica"
)
