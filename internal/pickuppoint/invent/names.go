package invent

// shops and names are what shops are called by, one of each. None is a chain that exists.
var (
	shops = []string{"Ruokapuoti", "Lähipuoti", "Kyläpuoti", "Puoti", "Valintapuoti", "Tavaratupa", "Asemapuoti", "Kulmapuoti"}
	names = []string{"Aamukaste", "Revontuli", "Pohjankukka", "Sinisiipi", "Kultaomena", "Metsälampi", "Vanamo", "Kuovi", "Hohde",
		"Myllynkivi", "Tuulihattu", "Kuunsilta", "Kevätpuro", "Lumikko", "Vaahtera", "Kanerva", "Saaristo", "Karpalo", "Tervapääsky",
		"Hiidenkivi", "Satakieli", "Merituuli", "Ruska", "Kuukkeli", "Poukama", "Kaislikko", "Onnenapila", "Peipponen"}
)

// streets are names that many places have, in Finnish and in Swedish.
var streets = [][2]string{
	{"Kauppakatu", "Handelsgatan"}, {"Asemakatu", "Stationsgatan"}, {"Koulukatu", "Skolgatan"}, {"Kirkkokatu", "Kyrkogatan"},
	{"Rantatie", "Strandvägen"}, {"Torikatu", "Torggatan"}, {"Puistokatu", "Parkgatan"}, {"Mäkitie", "Backvägen"},
	{"Myllytie", "Kvarnvägen"}, {"Satamakatu", "Hamngatan"}, {"Teollisuustie", "Industrivägen"}, {"Keskuskatu", "Centralgatan"},
	{"Metsätie", "Skogsvägen"}, {"Niittytie", "Ängsvägen"}, {"Siltakatu", "Brogatan"}, {"Tehtaankatu", "Fabriksgatan"},
	{"Postikatu", "Postgatan"}, {"Pappilantie", "Prästgårdsvägen"}, {"Koivutie", "Björkvägen"}, {"Mäntytie", "Tallvägen"},
}

// shopHours are on working days, Saturdays and Sundays.
var shopHours = []string{
	"0700-2200 0800-2100 0900-2000", "0800-2100 0800-2000 1000-1800", "0800-2000 0900-1800 1200-1600", "0900-1800 0900-1500 -", "0900-1700 - -",
}
