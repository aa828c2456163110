/**
 * The countries of ISO 3166-1, and Kosovo: alpha-2, alpha-3 (XKX is what the European Commission and others use for Kosovo),
 * and names that people write and CLDR does not have: formal names, and shorter ones.
 */
const table = `
AD AND Principality of Andorra
AE ARE UAE, U.A.E., Emirates
AF AFG Islamic Republic of Afghanistan
AG ATG Antigua
AI AIA
AL ALB Republic of Albania, Shqipëria
AM ARM Republic of Armenia, Hayastan
AO AGO Republic of Angola
AQ ATA
AR ARG Argentine Republic, República Argentina
AS ASM
AT AUT Republic of Austria, Republik Österreich, Oesterreich, A
AU AUS Commonwealth of Australia
AW ABW
AX ALA Aaland, Aland
AZ AZE Republic of Azerbaijan
BA BIH Bosnia, Bosnia-Herzegovina
BB BRB
BD BGD People's Republic of Bangladesh
BE BEL Kingdom of Belgium, Royaume de Belgique, Koninkrijk België, Königreich Belgien, B
BF BFA
BG BGR Republic of Bulgaria, Република България
BH BHR Kingdom of Bahrain
BI BDI Republic of Burundi
BJ BEN Republic of Benin
BL BLM St. Barthelemy
BM BMU Bermudas
BN BRN Brunei Darussalam
BO BOL Plurinational State of Bolivia; Bolivia, Plurinational State of; Estado Plurinacional de Bolivia
BQ BES Bonaire, Bonaire Sint Eustatius and Saba
BR BRA Federative Republic of Brazil, República Federativa do Brasil
BS BHS Commonwealth of the Bahamas
BT BTN Kingdom of Bhutan
BV BVT
BW BWA Republic of Botswana
BY BLR Republic of Belarus, Belorussia, Weißrussland, Wit-Rusland, Biélorussie, Белоруссия, Республика Беларусь
BZ BLZ
CA CAN
CC CCK Cocos Islands, Keeling Islands
CD COD DR Congo; DRC; Congo (DRC); Congo Kinshasa; Democratic Republic of the Congo; Democratic Republic of Congo; Congo, the Democratic Republic of the; Demokratische Republik Kongo; République démocratique du Congo; República Democrática del Congo
CF CAF
CG COG Congo, Congo Brazzaville, Congo (Republic), Republic of the Congo, Republic of Congo
CH CHE Swiss Confederation, Schweizerische Eidgenossenschaft, Confoederatio Helvetica
CI CIV Ivory Coast, Republic of Côte d'Ivoire, Elfenbeinküste, Costa de Marfil, République de Côte d'Ivoire
CK COK
CL CHL Republic of Chile, República de Chile
CM CMR Republic of Cameroon, République du Cameroun
CN CHN PRC, Mainland China, People's Republic of China, Zhongguo, 中华人民共和国, 中華人民共和國
CO COL Republic of Colombia, República de Colombia
CR CRI Republic of Costa Rica
CU CUB Republic of Cuba
CV CPV Cape Verde, Republic of Cabo Verde, Kapverden, Cap-Vert
CW CUW
CX CXR
CY CYP Republic of Cyprus
CZ CZE Czech Republic, Czech Rep., Česká republika, Tschechische Republik, République tchèque, Tsjechische Republiek
DE DEU BRD, Federal Republic of Germany, Bundesrepublik Deutschland, République fédérale d'Allemagne, D
DJ DJI Republic of Djibouti
DK DNK Kingdom of Denmark, Kongeriget Danmark
DM DMA Commonwealth of Dominica
DO DOM Dominican Rep.
DZ DZA People's Democratic Republic of Algeria
EC ECU Republic of Ecuador
EE EST Republic of Estonia, Eesti Vabariik
EG EGY Arab Republic of Egypt
EH ESH Sahrawi Arab Democratic Republic
ER ERI State of Eritrea
ES ESP Kingdom of Spain, Reino de España, E
ET ETH Federal Democratic Republic of Ethiopia
FI FIN Republic of Finland, Suomen tasavalta, Republiken Finland
FJ FJI Republic of Fiji
FK FLK Falklands, Falkland Islands (Malvinas)
FM FSM Federated States of Micronesia; Micronesia, Federated States of
FO FRO Faeroe Islands, Färöer-Inseln
FR FRA French Republic, République française, F
GA GAB Gabonese Republic
GB GBR UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland, Großbritannien, Grande-Bretagne, Gran Bretaña, Gran Bretagna, United Kingdom of Great Britain and Northern Ireland, G.B., Англія, Англия
GD GRD
GE GEO Sakartvelo
GF GUF Guyane
GG GGY Bailiwick of Guernsey
GH GHA Republic of Ghana
GI GIB
GL GRL
GM GMB Republic of the Gambia
GN GIN Republic of Guinea
GP GLP
GQ GNQ Republic of Equatorial Guinea
GR GRC EL, Hellas, Hellenic Republic, Ελληνική Δημοκρατία
GS SGS South Georgia, South Georgia and the South Sandwich Islands
GT GTM Republic of Guatemala
GU GUM
GW GNB Republic of Guinea-Bissau
GY GUY Co-operative Republic of Guyana
HK HKG Hong Kong, Hong Kong SAR, Hong Kong SAR China, Hong Kong Special Administrative Region of the People's Republic of China
HM HMD Heard Island and McDonald Islands
HN HND Republic of Honduras
HR HRV Republic of Croatia, Republika Hrvatska
HT HTI Republic of Haiti
HU HUN Republic of Hungary, Magyar Köztársaság, H
ID IDN Republic of Indonesia, Republik Indonesia
IE IRL Republic of Ireland, Eire, Poblacht na hÉireann
IL ISR State of Israel
IM IMN Insel Man
IN IND Republic of India, Bharat
IO IOT
IQ IRQ Republic of Iraq
IR IRN Islamic Republic of Iran; Iran, Islamic Republic of
IS ISL Republic of Iceland
IT ITA Italian Republic, Repubblica Italiana, I
JE JEY Bailiwick of Jersey
JM JAM
JO JOR Hashemite Kingdom of Jordan
JP JPN Nippon, Nihon, 日本国
KE KEN Republic of Kenya
KG KGZ Kyrgyz Republic
KH KHM Kingdom of Cambodia
KI KIR Republic of Kiribati
KM COM Union of the Comoros
KN KNA Saint Kitts and Nevis
KP PRK Korea, North; Korea (North); N. Korea; DPRK; Democratic People's Republic of Korea; Korea, Democratic People's Republic of; 북조선; 조선민주주의인민공화국
KR KOR Korea; Korea, South; Korea (South); S. Korea; Republic of Korea; Korea, Republic of; 대한민국; 남한
KW KWT State of Kuwait
KY CYM
KZ KAZ Republic of Kazakhstan, Qazaqstan, Республика Казахстан
LA LAO Laos, Lao, Lao PDR, Lao People's Democratic Republic
LB LBN Lebanese Republic
LC LCA Saint Lucia
LI LIE Principality of Liechtenstein, Fürstentum Liechtenstein
LK LKA Democratic Socialist Republic of Sri Lanka
LR LBR Republic of Liberia
LS LSO Kingdom of Lesotho
LT LTU Republic of Lithuania, Lietuvos Respublika
LU LUX Grand Duchy of Luxembourg, Großherzogtum Luxemburg, Grand-Duché de Luxembourg, L
LV LVA Republic of Latvia, Latvijas Republika
LY LBY State of Libya
MA MAR Kingdom of Morocco, Royaume du Maroc
MC MCO Principality of Monaco, Principauté de Monaco
MD MDA Republic of Moldova; Moldova, Republic of; Republica Moldova
ME MNE
MF MAF Saint Martin, Saint Martin (French part)
MG MDG Republic of Madagascar
MH MHL Republic of the Marshall Islands
MK MKD Macedonia; FYROM; Republic of North Macedonia; The former Yugoslav Republic of Macedonia; Macedonia, The Former Yugoslav Republic of
ML MLI Republic of Mali
MM MMR Burma, Republic of the Union of Myanmar, Birma, Birmanie, Birmania
MN MNG
MO MAC Macao, Macau, Macau SAR, Macau SAR China, Macao Special Administrative Region of the People's Republic of China
MP MNP Commonwealth of the Northern Mariana Islands
MQ MTQ
MR MRT Islamic Republic of Mauritania
MS MSR
MT MLT Republic of Malta
MU MUS Republic of Mauritius, Île Maurice
MV MDV Republic of the Maldives, Maldive Islands
MW MWI Republic of Malawi
MX MEX United Mexican States, Estados Unidos Mexicanos
MY MYS
MZ MOZ Republic of Mozambique
NA NAM Republic of Namibia
NC NCL
NE NER Republic of the Niger, Republic of Niger
NF NFK
NG NGA Federal Republic of Nigeria
NI NIC Republic of Nicaragua
NL NLD Holland, Kingdom of the Netherlands, Koninkrijk der Nederlanden
NO NOR Kingdom of Norway, Kongeriket Norge, N
NP NPL Federal Democratic Republic of Nepal
NR NRU Republic of Nauru
NU NIU
NZ NZL Aotearoa
OM OMN Sultanate of Oman
PA PAN Republic of Panama
PE PER Republic of Peru, República del Perú
PF PYF
PG PNG Independent State of Papua New Guinea
PH PHL Republic of the Philippines
PK PAK Islamic Republic of Pakistan
PL POL Republic of Poland, Rzeczpospolita Polska, Republik Polen
PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn
PR PRI Commonwealth of Puerto Rico, Estado Libre Asociado de Puerto Rico
PS PSE Palestine; State of Palestine; Palestine, State of; Palestinian Territories
PT PRT Portuguese Republic, República Portuguesa, P
PW PLW Republic of Palau
PY PRY Republic of Paraguay
QA QAT State of Qatar
RE REU
RO ROU Rumania, Roumania
RS SRB Republic of Serbia, Republika Srbija, Српија
RU RUS Russian Federation, Russian Fed., Russische Föderation, Fédération de Russie, Российская Федерация
RW RWA Republic of Rwanda
SA SAU KSA, Kingdom of Saudi Arabia, السعودية
SB SLB
SC SYC Republic of Seychelles
SD SDN Republic of the Sudan
SE SWE Kingdom of Sweden, Konungariket Sverige, S
SG SGP Republic of Singapore, Republik Singapura
SH SHN Saint Helena; Saint Helena, Ascension and Tristan da Cunha
SI SVN Republic of Slovenia, Republika Slovenija
SJ SJM Svalbard and Jan Mayen Islands
SK SVK Slovak Republic, Slovenská republika
SL SLE Republic of Sierra Leone
SM SMR Republic of San Marino, Repubblica di San Marino, Most Serene Republic of San Marino
SN SEN Republic of Senegal, République du Sénégal
SO SOM Federal Republic of Somalia
SR SUR Republic of Suriname, Republiek Suriname
SS SSD Republic of South Sudan
ST STP Democratic Republic of São Tomé and Príncipe
SV SLV Republic of El Salvador
SX SXM Sint Maarten (Dutch part)
SY SYR Syrian Arab Republic
SZ SWZ Swaziland, Kingdom of Eswatini, Swasiland, Suazilandia, Suazilândia
TC TCA
TD TCD Republic of Chad, République du Tchad
TF ATF French Southern and Antarctic Lands, Terres australes et antarctiques françaises
TG TGO Togolese Republic, République togolaise
TH THA Kingdom of Thailand, ประเทศไทย
TJ TJK Republic of Tajikistan
TK TKL
TL TLS East Timor, Democratic Republic of Timor-Leste
TM TKM
TN TUN Republic of Tunisia, Tunisian Republic
TO TON Kingdom of Tonga
TR TUR Turkey, Republic of Turkey, Republic of Türkiye, Türkiye Cumhuriyeti
TT TTO Trinidad, Republic of Trinidad and Tobago
TV TUV
TW TWN Taiwan; Taiwan, Province of China; Chinese Taipei; Republic of China; 中華民國
TZ TZA United Republic of Tanzania; Tanzania, United Republic of
UA UKR Ukrayina
UG UGA Republic of Uganda
UM UMI United States Minor Outlying Islands
US USA U.S.A., U.S., United States of America, America, Vereinigte Staaten von Amerika, États-Unis d'Amérique, Estados Unidos de América, Stati Uniti d'America, Estados Unidos da América, Verenigde Staten van Amerika, EEUU, EE.UU., EE. UU., E.U.A., U.S. of A., Сполучені Штати, Штати
UY URY Oriental Republic of Uruguay, República Oriental del Uruguay
UZ UZB Republic of Uzbekistan
VA VAT Vatican, Holy See, Holy See (Vatican City State), Vatican City State, Cité du Vatican, Città del Vaticano, Vatikanstadt
VC VCT Saint Vincent and the Grenadines
VE VEN Bolivarian Republic of Venezuela; Venezuela, Bolivarian Republic of; República Bolivariana de Venezuela
VG VGB Virgin Islands, British; British Virgin Islands
VI VIR Virgin Islands, U.S.; Virgin Islands of the United States; United States Virgin Islands
VN VNM Viet Nam, Socialist Republic of Vietnam, Cộng hòa xã hội chủ nghĩa Việt Nam
VU VUT Republic of Vanuatu
WF WLF
WS WSM Independent State of Samoa
XK XKX Republic of Kosovo
YE YEM Republic of Yemen, Yemeni Republic
YT MYT
ZA ZAF RSA, Republic of South Africa, Republiek van Suid-Afrika
ZM ZMB Republic of Zambia
ZW ZWE Republic of Zimbabwe
`;

export interface IsoCountry {
  readonly alpha2: string;
  readonly alpha3: string;
  readonly spellings: readonly string[];
}

/** Commas part the spellings, or semicolons where a spelling holds a comma. */
export const isoCountries: readonly IsoCountry[] = table
  .trim()
  .split('\n')
  .map((line) => ({
    alpha2: line.slice(0, 2),
    alpha3: line.slice(3, 6),
    spellings: line
      .slice(7)
      .split(line.includes(';') ? '; ' : ', ')
      .filter((text) => text !== ''),
  }));
