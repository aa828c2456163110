"""Makes the workbooks of this folder: xlsxwriter 3.0.2, openpyxl 3.0.9, and LibreOffice 7.4, which saves xlsxwriter.xlsx anew:
soffice --headless --convert-to xlsx --outdir saved xlsxwriter.xlsx && mv saved/xlsxwriter.xlsx libreoffice.xlsx"""
import datetime

import openpyxl
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

book = xlsxwriter.Workbook('xlsxwriter.xlsx')
sheet = book.add_worksheet('Kontakte')
book.add_worksheet('Alt').hide()
shown = lambda code: book.add_format({'num_format': code})
sheet.write(0, 0, 'Kontaktliste 2026')
names = ['E-Mail', 'Name', 'PLZ', 'Since', 'Seen', 'Phone', 'Share', 'Paid', 'Ok', 'Formula', 'Note', 'Rich']
for column, name in enumerate(names):
    sheet.write(2, column, name)
sheet.write(3, 0, 'ada@x.test')
sheet.write(3, 1, 'Ada')
sheet.write_number(3, 2, 1234, shown('00000'))
sheet.write_datetime(3, 3, datetime.datetime(2023, 3, 15), shown('dd.mm.yyyy'))
sheet.write_datetime(3, 4, datetime.datetime(2023, 3, 15, 14, 30), shown(14))
sheet.write_number(3, 5, 491711234567)
sheet.write_number(3, 6, 0.5, shown('0%'))
sheet.write_number(3, 7, 1234.5, shown('#,##0.00 "€"'))
sheet.write_boolean(3, 8, True)
sheet.write_formula(3, 9, '=A4&"!"', None, 'ada@x.test!')
sheet.write(3, 10, 'two\nlines, "q"')
sheet.write_rich_string(3, 11, 'Hel', book.add_format({'bold': 1}), 'lo', ' world')
sheet.write(6, 0, 'bob@x.test')
sheet.write_number(6, 5, 491711234567, shown('0.00E+00'))
sheet.write_formula(6, 9, '=1/0', None, '#DIV/0!')
sheet.merge_range(7, 0, 7, 3, 'merged@x.test')
book.close()

book = openpyxl.Workbook()
sheet = book.active
sheet.title = 'S1'
sheet.append(['email', 'date', 'n', 'f'])
sheet.append(['a@x.test', datetime.date(2020, 1, 2), 0.1 + 0.2, '=1+1'])
sheet.append(['b@x.test', datetime.datetime(2020, 1, 2, 3, 4, 5), 1234567890123456, 'x_x0041_y'])
sheet.append([])
sheet.append(['c😀@x.test', datetime.time(3, 4), -0.0000001, '\t tab'])
book.create_sheet('S2').append(['email'])
book.save('openpyxl.xlsx')

book = openpyxl.Workbook()
book.epoch = CALENDAR_MAC_1904
sheet = book.active
sheet.append(['email', 'date'])
sheet.append(['a@x.test', datetime.date(2020, 1, 2)])
sheet['B2'].number_format = 'yyyy-mm-dd'
book.save('openpyxl-1904.xlsx')
